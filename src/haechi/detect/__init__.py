"""Rules over the collected tables, their findings, and the cases that findings with one cause become."""
