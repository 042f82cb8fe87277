namespace KestrelTlsUpgrade.Tunnel;

/// <summary>The result of an authorization callback.</summary>
/// <remarks>The default value is <see cref="Deny"/>.</remarks>
public readonly struct ConnectTunnelAuthorizationResult : IEquatable<ConnectTunnelAuthorizationResult>
{
    private ConnectTunnelAuthorizationResult(bool isAllowed, string? proxyChallenge)
    {
        IsAllowed = isAllowed;
        ProxyChallenge = proxyChallenge;
    }

    /// <summary>The tunnel may be opened.</summary>
    public static ConnectTunnelAuthorizationResult Allow { get; } = new(isAllowed: true, proxyChallenge: null);

    /// <summary>The tunnel is refused with 403.</summary>
    public static ConnectTunnelAuthorizationResult Deny => default;

    /// <summary>Whether the tunnel may be opened.</summary>
    public bool IsAllowed { get; }

    /// <summary>The challenge to send if the caller has to authenticate.</summary>
    public string? ProxyChallenge { get; }

    /// <summary>Refuses the tunnel with 407: the caller has to authenticate (RFC 9110 section 15.5.8).</summary>
    /// <param name="proxyChallenge">The value of the Proxy-Authenticate field, such as <c>Basic realm="proxy"</c>.</param>
    /// <returns>The result.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="proxyChallenge"/> is empty or contains characters other than printable ASCII.
    /// </exception>
    public static ConnectTunnelAuthorizationResult Challenge(string proxyChallenge)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(proxyChallenge);
        return IsFieldValue(proxyChallenge)
            ? new(isAllowed: false, proxyChallenge)
            : throw new ArgumentException("A challenge has printable characters of ASCII only.", nameof(proxyChallenge));
    }

    /// <inheritdoc/>
    public bool Equals(ConnectTunnelAuthorizationResult other) =>
        IsAllowed == other.IsAllowed && ProxyChallenge == other.ProxyChallenge;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ConnectTunnelAuthorizationResult other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(IsAllowed, ProxyChallenge);

    /// <summary>Whether two results are equal.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns><see langword="true"/> if they do.</returns>
    public static bool operator ==(ConnectTunnelAuthorizationResult left, ConnectTunnelAuthorizationResult right) => left.Equals(right);

    /// <summary>Whether two results differ.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns><see langword="true"/> if they do not.</returns>
    public static bool operator !=(ConnectTunnelAuthorizationResult left, ConnectTunnelAuthorizationResult right) => !left.Equals(right);

    internal static bool IsFieldValue(string text) => !text.AsSpan().ContainsAnyExceptInRange(' ', '~');
}
