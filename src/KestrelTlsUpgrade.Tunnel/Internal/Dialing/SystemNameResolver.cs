using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Tunnel.Internal.Dialing;

/// <summary>
/// The system's resolver, which knows the hosts file and other sources of names, and sorts the addresses by RFC 6724. It gives up when it
/// likes; on Linux by default after 10 seconds for each name server.
/// </summary>
internal sealed class SystemNameResolver : INameResolver
{
    /// <summary>The shortest time that a resolver waits for a name server.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);

    public IPAddress[] Resolve(string name)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            return Dns.GetHostAddresses(name);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.TryAgain && Stopwatch.GetElapsedTime(started) >= ShortestWait)
        {
            // The system has the same error for servers that fail and for servers that never answer. Only the latter take time.
            throw new LookupTimeoutException(hasBegun: true);
        }
    }
}
