namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>How a connection started.</summary>
/// <param name="Kind">What the first bytes are.</param>
/// <param name="Request">The CONNECT, if <see cref="FirstRequestKind.Connect"/> is valid.</param>
/// <param name="Status">The status to answer with if it is not.</param>
/// <param name="HeadLength">The length of the head that has not been consumed, for <see cref="FirstRequestKind.LeadingOptions"/>.</param>
internal readonly record struct ArrivedRequest(
    FirstRequestKind Kind, ConnectRequest? Request = null, int Status = 0, long HeadLength = 0);
