namespace KestrelTlsUpgrade.FunctionalTests.Interop.Proxies;

/// <summary>The proxies of Debian, each by default, as it is set up for WebSocket, and as it shows least of itself.</summary>
internal static class ProxySettings
{
    private const string NginxWebSocket = """
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;

        """;

    private const string SquidUpgrade = "http_upgrade_request_protocols OTHER allow all\n";

    private const string VarnishPipe = "if (req.http.Upgrade) { return (pipe); }";

    public static readonly ProxySetting[] All =
    [
        Haproxy("`mode http`", ""),
        Haproxy("`option forwardfor`", "option forwardfor"),

        Nginx("`proxy_pass` alone", ""),
        Nginx("passes `Upgrade` on, as for WebSocket", NginxWebSocket),
        Nginx("the same, with `X-Forwarded-For`", NginxWebSocket + "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"),

        Apache("`ProxyPass` alone", "ProxyPass / http://$server/"),
        Apache("`upgrade=websocket`", "ProxyPass / http://$server/ upgrade=websocket"),
        Apache("`upgrade=ANY`", "ProxyPass / http://$server/ upgrade=ANY"),
        Apache("mod_proxy_wstunnel", "ProxyPass / ws://$server/"),
        Apache("mod_proxy_wstunnel, `upgrade=ANY`", "ProxyPass / ws://$server/ upgrade=ANY"),
        Apache("`upgrade=ANY`, `ProxyAddHeaders Off`", "ProxyPass / http://$server/ upgrade=ANY\nProxyAddHeaders Off"),

        Squid("`accel` alone", ""),
        Squid("`http_upgrade_request_protocols websocket`", "http_upgrade_request_protocols websocket allow all"),
        Squid("`http_upgrade_request_protocols OTHER`", SquidUpgrade),
        Squid("the same, `via off`, `forwarded_for delete`", SquidUpgrade + "via off\nforwarded_for delete"),
        Squid(
            "the same, without `Surrogate-Capability`",
            SquidUpgrade + "via off\nforwarded_for delete\nrequest_header_access Surrogate-Capability deny all"),

        Varnish("the built-in VCL", "", ""),
        Varnish("pipes what matches `websocket`", """if (req.http.Upgrade ~ "(?i)websocket") { return (pipe); }""", ""),
        Varnish("pipes every `Upgrade`", VarnishPipe, ""),
        Varnish("the same, without `X-Forwarded-For`", VarnishPipe, "unset bereq.http.X-Forwarded-For;"),
        Varnish("the same, without `X-Varnish`", VarnishPipe, "unset bereq.http.X-Forwarded-For; unset bereq.http.X-Varnish;"),

        Caddy("`reverse_proxy`", ""),
        Caddy(
            "the same, without `X-Forwarded-*`",
            "header_up -X-Forwarded-For\nheader_up -X-Forwarded-Proto\nheader_up -X-Forwarded-Host"),
    ];

    private static ProxySetting Haproxy(string name, string lines) => new(
        "HAProxy",
        name,
        "haproxy",
        $$"""
        defaults
          mode http
          timeout connect 30s
          timeout client 60s
          timeout server 60s
        frontend front
          bind 127.0.0.1:$port
          http-request deny if { path_beg /admin }
          default_backend app
        backend app
          {{lines}}
          $line
          server one $server

        """,
        ["-db", "-f", "$configuration"]);

    private static ProxySetting Nginx(string name, string lines) => new(
        "nginx",
        name,
        "nginx",
        $$"""
        daemon off;
        master_process off;
        pid $directory/nginx.pid;
        error_log $directory/error.log;
        events {}
        http {
          access_log off;
          client_body_temp_path $directory;
          proxy_temp_path $directory;
          fastcgi_temp_path $directory;
          uwsgi_temp_path $directory;
          scgi_temp_path $directory;
          map $http_upgrade $connection_upgrade {
            default upgrade;
            '' close;
          }
          server {
            listen 127.0.0.1:$port;
            location /admin {
              deny all;
            }
            location / {
              proxy_pass http://$server;
              {{lines}}
              $line
            }
          }
        }

        """,
        ["-c", "$configuration"]);

    private static ProxySetting Apache(string name, string lines) => new(
        "Apache httpd",
        name,
        "apache2",
        $$"""
        ServerName localhost
        ServerRoot $directory
        DefaultRuntimeDir $directory
        PidFile $directory/httpd.pid
        ErrorLog $directory/error.log
        Listen 127.0.0.1:$port
        LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
        LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
        LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
        LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
        LoadModule proxy_wstunnel_module /usr/lib/apache2/modules/mod_proxy_wstunnel.so
        <Location /admin>
          Require all denied
        </Location>
        {{lines}}
        $line

        """,
        ["-X", "-f", "$configuration"]);

    private static ProxySetting Squid(string name, string lines) => new(
        "squid",
        name,
        "squid",
        $$"""
        http_port 127.0.0.1:$port accel defaultsite=localhost no-vhost
        cache_peer 127.0.0.1 parent $serverport 0 no-query no-digest originserver
        acl admin urlpath_regex ^/admin
        http_access deny admin
        http_access allow all
        cache deny all
        cache_mem 8 MB
        access_log none
        cache_log $directory/cache.log
        coredump_dir $directory
        pid_filename none
        pinger_enable off
        netdb_filename none
        shutdown_lifetime 0 seconds
        {{lines}}
        $line

        """,
        ["-N", "-n", "proxy$port", "-f", "$configuration"]);

    private static ProxySetting Varnish(string name, string receive, string pipe) => new(
        "Varnish",
        name,
        "varnishd",
        $$"""
        vcl 4.1;
        backend default { .host = "127.0.0.1"; .port = "$serverport"; }
        sub vcl_recv {
          if (req.url ~ "^/admin") { return (synth(403)); }
          {{receive}}
        }
        sub vcl_pipe {
          if (req.http.Upgrade) {
            set bereq.http.Upgrade = req.http.Upgrade;
            set bereq.http.Connection = req.http.Connection;
          }
          {{pipe}}
          $line
        }

        """,
        ["-F", "-j", "none", "-n", "$directory/varnish", "-a", "127.0.0.1:$port", "-f", "$configuration", "-s", "malloc,8m"]);

    private static ProxySetting Caddy(string name, string lines) => new(
        "Caddy",
        name,
        "caddy",
        $$"""
        {
          admin off
          auto_https off
        }
        http://:$port {
          bind 127.0.0.1
          respond /admin* 403
          reverse_proxy $server {
            {{lines}}
            $line
          }
        }

        """,
        ["run", "--adapter", "caddyfile", "--config", "$configuration"]);
}
