using KestrelTlsUpgrade.Benchmarks.Servers;

namespace KestrelTlsUpgrade.Benchmarks.Tunnels;

/// <summary>Starts the proxies, with tunnels to the ports of the origins allowed and no logs.</summary>
internal static class TunnelProxies
{
    public static Task<ListeningProcess> StartAsync(TunnelProxyKind kind, int[] originPorts) => ListeningProcess.StartAsync(
        GetProgram(kind), (home, port) => Configure(kind, home, port, originPorts));

    private static string GetProgram(TunnelProxyKind kind) => kind switch
    {
        TunnelProxyKind.Squid => "squid",
        TunnelProxyKind.Tinyproxy => "tinyproxy",
        TunnelProxyKind.Apache => ApacheHttpd.Program,
        _ => Environment.ProcessPath!,
    };

    private static string[] Configure(TunnelProxyKind kind, string home, int port, int[] originPorts)
    {
        var file = Path.Combine(home, "conf");
        switch (kind)
        {
            case TunnelProxyKind.Squid:
                File.WriteAllText(file, $"""
                    http_port 127.0.0.1:{port}
                    http_access allow localhost
                    http_access deny all
                    cache deny all
                    cache_mem 8 MB
                    access_log none
                    cache_log {home}/cache.log
                    coredump_dir {home}
                    pid_filename none
                    pinger_enable off
                    netdb_filename none

                    """);
                return ["-N", "-n", $"bench{port}", "-f", file];

            case TunnelProxyKind.Tinyproxy:
                File.WriteAllText(file, $"Port {port}\nListen 127.0.0.1\nMaxClients 2000\nAllow 127.0.0.1\nLogLevel Critical\nLogFile \"{home}/log\"\n");
                return ["-d", "-c", file];

            case TunnelProxyKind.Apache:
                File.WriteAllText(file, $"""
                    ServerRoot {home}
                    DefaultRuntimeDir {home}
                    PidFile {home}/pid
                    ErrorLog {home}/error.log
                    LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
                    LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
                    LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
                    LoadModule proxy_connect_module /usr/lib/apache2/modules/mod_proxy_connect.so
                    ServerName localhost
                    User www-data
                    Group www-data
                    Listen 127.0.0.1:{port}
                    ProxyRequests On
                    AllowCONNECT {string.Join(' ', originPorts)}
                    ServerLimit 20
                    ThreadsPerChild 64
                    MaxRequestWorkers 1280

                    """);
                return ["-DFOREGROUND", "-f", file];

            default:
                return ["serve-tunnel", $"{port}", .. originPorts.Select(static originPort => $"{originPort}")];
        }
    }
}
