"""nginx as a cache in front of another server, as gateways keep an issuer's keys."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import free_port, listens, need, process

CONFIG = """
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
events {{ worker_connections 64; }}
http {{
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  log_format facts escape=json '{{"time_iso8601":"$time_iso8601","remote_addr":"$remote_addr",'
    '"request_method":"$request_method","request_uri":"$request_uri","status":$status,'
    '"body_bytes_sent":$body_bytes_sent,"http_user_agent":"$http_user_agent"}}';
  access_log {folder}/access.log facts;
  proxy_cache_path {folder}/cache levels=1 keys_zone=kept:1m inactive=1d;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass {upstream};
      proxy_cache kept;
      proxy_cache_valid 200 {seconds}s;
      proxy_ignore_headers Cache-Control Expires Set-Cookie Vary;
      proxy_cache_use_stale error timeout http_500 http_502 http_503;
      add_header X-Cache-Status $upstream_cache_status always;
    }}
  }}
}}
"""


@dataclass(frozen=True)
class Nginx:
    """A running nginx that answers from its cache for some seconds, also when what stands behind it is down."""

    url: str
    access_log: Path  # JSON lines


@contextmanager
def running(folder: Path, upstream: str, seconds: int = 86_400) -> Iterator[Nginx]:
    """nginx in front of `upstream` (an address without a path), keeping good answers for `seconds`."""
    program = need("nginx", install="apt-get install nginx-light")
    folder.mkdir(parents=True, exist_ok=True)
    port, config = free_port(), folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""  # workers of another user could not read the folder
    config.write_text(CONFIG.format(user=user, folder=folder, port=port, upstream=upstream, seconds=seconds))
    command = [program, "-p", folder, "-c", config, "-e", folder / "error.log"]
    with process(folder, "nginx", command, lambda: listens(port)):
        yield Nginx(f"http://127.0.0.1:{port}", folder / "access.log")
