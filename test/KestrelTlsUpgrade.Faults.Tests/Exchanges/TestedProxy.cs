using KestrelTlsUpgrade.Faults.Tests.Accounts;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tunnel;

namespace KestrelTlsUpgrade.Faults.Tests.Exchanges;

/// <summary>The proxy of the exchanges that have one.</summary>
internal static class TestedProxy
{
    public static Task<UpgradeServer> StartAsync(
        ServerAccounts accounts, TimeSpan? timeout, Action<ConnectTunnelOptions>? configure = null) => TunnelProxy.StartAsync(
            options =>
            {
                options.MaxTunnelsPerCaller = options.MaxTunnels;
                if (timeout is { } time)
                {
                    options.ConnectTimeout = options.IdleTimeout = options.LingerTimeout = time;
                }

                configure?.Invoke(options);
            },
            services: accounts.Observe,
            server: options => TestedServer.SetTimeouts(options, timeout));
}
