using System.Net;
using System.Net.Sockets;
using KestrelTlsUpgrade.Connections;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Tunnel.Internal.Policy;

/// <summary>Runs the endpoint's authorization. An exception denies.</summary>
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
#pragma warning disable CA1031 // Application code may throw anything; every exception denies.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailure(exception, context.Caller);
            return ConnectTunnelAuthorizationResult.Deny;
        }
    }

    /// <summary>Logs what the application's code has thrown, here or when it was told that the caller has left.</summary>
    public void LogFailure(Exception exception, EndPoint? caller)
    {
        if (limiter.Admits(logger, LogLevel.Error, caller))
        {
            Log.AuthorizationFailed(logger, exception);
        }
    }

    /// <summary>The default policy: only callers on this machine may open tunnels.</summary>
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
