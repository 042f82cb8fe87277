using System.Net;
using System.Net.Sockets;
using KestrelTlsUpgrade.Internal.Observation;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Tunnel.Internal.Policy;

/// <summary>Asks whoever the endpoint's settings say whether a tunnel may be opened. Where that fails, it may not.</summary>
internal sealed partial class CallerAuthorization(ConnectTunnelOptions options, CallerLogLimiter limiter, ILogger logger)
{
    public async ValueTask<ConnectTunnelAuthorizationResult> AuthorizeAsync(ConnectTunnelAuthorizationContext context)
    {
        try
        {
            return options.Authorize is { } authorize ? await authorize(context)
                : options.AuthorizationPolicy is { } policy ? await NamedPolicy.AuthorizeAsync(policy, options.ProxyChallenge, context)
                : IsLocal(context.Caller) ? ConnectTunnelAuthorizationResult.Allow
                : ConnectTunnelAuthorizationResult.Deny;
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            return ConnectTunnelAuthorizationResult.Deny;
        }
#pragma warning disable CA1031 // The application's code: whatever it throws, nobody gets in by it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (limiter.Admits(logger, LogLevel.Error, context.Caller))
            {
                Log.AuthorizationFailed(logger, exception);
            }

            return ConnectTunnelAuthorizationResult.Deny;
        }
    }

    /// <summary>Who may open tunnels where nothing is set up about that: whoever is on this machine already.</summary>
    public static bool IsLocal(EndPoint? caller) => caller switch
    {
        IPEndPoint endPoint => IPAddress.IsLoopback(SpecialAddresses.Unmap(endPoint.Address)),
        UnixDomainSocketEndPoint => true,
        _ => false,
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The authorization of a tunnel failed. The tunnel is refused.", EventName = "AuthorizationFailed")]
        public static partial void AuthorizationFailed(ILogger logger, Exception exception);
    }
}
