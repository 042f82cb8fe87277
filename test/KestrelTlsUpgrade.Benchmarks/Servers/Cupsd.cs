namespace KestrelTlsUpgrade.Benchmarks.Servers;

/// <summary>CUPS's scheduler, open to everybody, with a file. It has one thread.</summary>
internal static class Cupsd
{
    public const string Program = "cupsd";

    public static Task<ListeningProcess> StartAsync(KeyFiles files, KeyType key) => ListeningProcess.StartAsync(
        Program,
        (home, port) =>
        {
            foreach (var name in new[] { "root", "state", "cache", "spool", "ssl", "www" })
            {
                Directory.CreateDirectory(Path.Combine(home, name));
            }

            File.Copy(files.GetCertificate(key), Path.Combine(home, "ssl", "localhost.crt"));
            File.Copy(files.GetKey(key), Path.Combine(home, "ssl", "localhost.key"));
            File.WriteAllText(Path.Combine(home, "www", "x"), "Hello, World!");
            File.WriteAllText(Path.Combine(home, "files.conf"), $"""
                ServerRoot {home}/root
                StateDir {home}/state
                CacheDir {home}/cache
                RequestRoot {home}/spool
                TempDir {home}/spool
                DocumentRoot {home}/www
                ServerKeychain {home}/ssl
                ErrorLog {home}/error_log
                AccessLog {home}/access_log
                PageLog {home}/page_log
                CreateSelfSignedCerts no

                """);
            File.WriteAllText(Path.Combine(home, "cupsd.conf"), $"""
                Listen 127.0.0.1:{port}
                ServerName localhost
                Browsing Off
                DefaultAuthType None
                LogLevel none
                MaxClients 1000
                MaxClientsPerHost 1000
                <Location />
                  Order allow,deny
                  Allow all
                </Location>

                """);
            return ["-f", "-c", $"{home}/cupsd.conf", "-s", $"{home}/files.conf"];
        },
        ("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent"));
}
