using System.Net.Sockets;
using KestrelTlsUpgrade.Client.Internal.Switching;

namespace KestrelTlsUpgrade.Client.Internal.Dialing;

/// <summary>A tunnel. The peer of its connection is the proxy.</summary>
internal sealed class TunnelStream(Stream inner, Socket? socket) : WrappedStream(inner)
{
    public override Socket? Socket => socket;
}
