"""Rules over the collected tables, the findings they give, and the cases that findings with one cause become."""
