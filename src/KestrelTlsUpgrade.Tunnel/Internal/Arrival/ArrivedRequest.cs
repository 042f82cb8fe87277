namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>How a connection began.</summary>
/// <param name="Kind">What the first bytes say.</param>
/// <param name="Request">The CONNECT, for <see cref="FirstRequestKind.Connect"/> that can be understood.</param>
/// <param name="Status">The status to answer with where it cannot.</param>
/// <param name="HeadLength">The length of the head that is still there, for <see cref="FirstRequestKind.LeadingOptions"/>.</param>
internal readonly record struct ArrivedRequest(
    FirstRequestKind Kind, ConnectRequest? Request = null, int Status = 0, long HeadLength = 0);
