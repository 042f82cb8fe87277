using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Tunnel.Internal.Answering;
using KestrelTlsUpgrade.Tunnel.Internal.Arrival;
using KestrelTlsUpgrade.Tunnel.Internal.Policy;
using KestrelTlsUpgrade.Tunnel.Internal.Target;

namespace KestrelTlsUpgrade.Tunnel.Internal.Dialing;

/// <summary>Connects to destinations: directly, at an address that was checked, or through the next proxy.</summary>
internal sealed class Destination(
    DestinationPolicy policy, NameLookups lookups, Dialer dialer, NextProxy? nextProxy, TimeSpan timeout, TimeProvider timeProvider)
{
    private static readonly IPAddress[] LoopbackAddresses = [IPAddress.Loopback, IPAddress.IPv6Loopback];

    /// <param name="request">The caller's request.</param>
    /// <param name="caller">The caller, for its share of the lookups.</param>
    /// <param name="callerLeft">Canceled when the caller no longer waits.</param>
    public async Task<DialResult> ReachAsync(ConnectRequest request, CallerKey caller, CancellationToken callerLeft)
    {
        using var time = new CancellationTokenSource(timeout, timeProvider);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(time.Token, callerLeft);
        try
        {
            return nextProxy is null ? await DialAsync(request.Target, caller, stop.Token) : await AskAsync(nextProxy, request, caller, stop.Token);
        }
        catch (LookupTimeoutException exception) when (!callerLeft.IsCancellationRequested)
        {
            return DialResult.Of(exception.Outcome);
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            return callerLeft.IsCancellationRequested ? default : DialResult.Of(TunnelOutcome.ConnectTimeout);
        }
        catch (SocketException exception)
        {
            return DialResult.Of(ToOutcome(exception.SocketErrorCode));
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or AuthenticationException)
        {
            return DialResult.Of(TunnelOutcome.NextProxyFailed);
        }
    }

    private async Task<DialResult> DialAsync(ConnectTarget target, CallerKey caller, CancellationToken cancellationToken)
    {
        // Connect to exactly the addresses that were checked: resolving again could return others (DNS rebinding).
        var addresses = policy.Filter(await ResolveAsync(target, caller, cancellationToken), target.Port);
        return addresses.Length == 0
            ? DialResult.Of(TunnelOutcome.DestinationForbidden)
            : new(new Upstream(await dialer.DialAsync(addresses, target.Port, cancellationToken)), null);
    }

    private async Task<DialResult> AskAsync(NextProxy proxy, ConnectRequest request, CallerKey caller, CancellationToken cancellationToken)
    {
        if (!policy.IsAllowedBeyond(request.Target))
        {
            return DialResult.Of(TunnelOutcome.DestinationForbidden);
        }

        var (upstream, answer) = await proxy.ConnectAsync(request, caller, cancellationToken);
        return new(upstream, upstream is null ? Rejection.PassOn(answer, proxy.IsCallerChallenged) : null);
    }

    private async ValueTask<IPAddress[]> ResolveAsync(ConnectTarget target, CallerKey caller, CancellationToken cancellationToken)
    {
        if (target.Address is { } address)
        {
            return [address];
        }

        return target.IsLoopbackName ? LoopbackAddresses : await lookups.ResolveAsync(target.Host, caller, cancellationToken);
    }

    private static TunnelOutcome ToOutcome(SocketError error) => error switch
    {
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery => TunnelOutcome.NameNotResolved,
        SocketError.ConnectionRefused or SocketError.ConnectionReset => TunnelOutcome.ConnectionRefused,
        SocketError.TimedOut => TunnelOutcome.ConnectTimeout,
        _ => TunnelOutcome.Unreachable,
    };
}
