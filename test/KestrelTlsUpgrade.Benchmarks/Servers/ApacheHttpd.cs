namespace KestrelTlsUpgrade.Benchmarks.Servers;

/// <summary>Apache httpd with a file, and with threads for all connections from the start.</summary>
internal static class ApacheHttpd
{
    public const string Program = "apache2";

    private const string Modules = "/usr/lib/apache2/modules";

    public static Task<ListeningProcess> StartAsync(KeyFiles files, KeyType key) => ListeningProcess.StartAsync(Program, (home, port) =>
    {
        var root = Directory.CreateDirectory(Path.Combine(home, "www")).FullName;
        File.WriteAllText(Path.Combine(root, "x"), "Hello, World!");
        var file = Path.Combine(home, "conf");
        File.WriteAllText(file, $"""
            ServerRoot {home}
            DefaultRuntimeDir {home}
            PidFile {home}/pid
            ErrorLog {home}/error.log
            LoadModule mpm_event_module {Modules}/mod_mpm_event.so
            LoadModule authz_core_module {Modules}/mod_authz_core.so
            LoadModule ssl_module {Modules}/mod_ssl.so
            ServerName localhost
            User www-data
            Group www-data
            Listen 127.0.0.1:{port}
            DocumentRoot {root}
            <Directory {root}>
              Require all granted
            </Directory>
            MaxKeepAliveRequests 0
            StartServers 8
            ServerLimit 8
            ThreadsPerChild 64
            MaxRequestWorkers 512
            MaxSpareThreads 512
            SSLEngine on
            SSLProtocol TLSv1.3
            SSLSessionCache none
            SSLCertificateFile {files.GetCertificate(key)}
            SSLCertificateKeyFile {files.GetKey(key)}

            """);
        return ["-DFOREGROUND", "-f", file];
    });
}
