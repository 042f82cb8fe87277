using System.Net;

namespace KestrelTlsUpgrade.Tunnel;

/// <summary>
/// The tunnel on a connection. Available in the connection's features as soon as the destination is connected, for connection middleware
/// outside the tunnel's own, and still there after the tunnel has ended.
/// </summary>
public interface IConnectTunnelFeature
{
    /// <summary>The host that the caller requested.</summary>
    /// <value>A name in lower case, an IPv4 address, or an IPv6 address without brackets.</value>
    string Host { get; }

    /// <summary>The port that the caller requested.</summary>
    int Port { get; }

    /// <summary>The connected endpoint: the destination or the next proxy.</summary>
    EndPoint? Destination { get; }

    /// <summary>How many bytes were sent from the caller to the destination.</summary>
    /// <value>In bytes.</value>
    long BytesSent { get; }

    /// <summary>How many bytes were received from the destination for the caller.</summary>
    /// <value>In bytes.</value>
    long BytesReceived { get; }

    /// <summary>Ends the tunnel immediately, in both directions.</summary>
    void Abort();
}
