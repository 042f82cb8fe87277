namespace KestrelTlsUpgrade.Benchmarks.Servers;

/// <summary>nginx, which answers from memory.</summary>
internal static class Nginx
{
    public const string Program = "nginx";

    public static Task<ListeningProcess> StartAsync(KeyFiles files, KeyType key) => ListeningProcess.StartAsync(Program, (home, port) =>
    {
        var file = Path.Combine(home, "conf");
        File.WriteAllText(file, $$"""
            daemon off;
            worker_processes auto;
            pid {{home}}/pid;
            error_log {{home}}/error.log;
            events { worker_connections 8192; }
            http {
              access_log off;
              client_body_temp_path {{home}}/body;
              proxy_temp_path {{home}}/proxy;
              fastcgi_temp_path {{home}}/fastcgi;
              uwsgi_temp_path {{home}}/uwsgi;
              scgi_temp_path {{home}}/scgi;
              server {
                listen 127.0.0.1:{{port}} ssl backlog=512;
                ssl_certificate {{files.GetCertificate(key)}};
                ssl_certificate_key {{files.GetKey(key)}};
                ssl_protocols TLSv1.3;
                keepalive_requests 1000000;
                default_type text/plain;
                location / { return 200 "Hello, World!"; }
              }
            }

            """);
        return ["-e", $"{home}/error.log", "-p", home, "-c", file];
    });
}
