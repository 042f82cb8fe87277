using System.Net;

namespace KestrelTlsUpgrade.Tunnel;

/// <summary>
/// The tunnel that a connection is. In the features of the connection from the moment the destination is reached, for connection
/// middleware outside of the tunnel's, which sees it until and after the end.
/// </summary>
public interface ITunnelFeature
{
    /// <summary>The host that the caller asked for.</summary>
    /// <value>A name in lower case, an IPv4 address, or an IPv6 address without brackets.</value>
    string Host { get; }

    /// <summary>The port that the caller asked for.</summary>
    int Port { get; }

    /// <summary>What the tunnel is connected to: the destination, or the next proxy.</summary>
    EndPoint? Destination { get; }

    /// <summary>How much has gone from the caller to the destination.</summary>
    /// <value>In bytes.</value>
    long BytesSent { get; }

    /// <summary>How much has come from the destination for the caller.</summary>
    /// <value>In bytes.</value>
    long BytesReceived { get; }

    /// <summary>Ends the tunnel at once, in both directions.</summary>
    void Abort();
}
