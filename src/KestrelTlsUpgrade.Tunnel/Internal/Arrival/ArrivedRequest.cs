namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>What came next on a connection.</summary>
/// <param name="Kind">What the first bytes are.</param>
/// <param name="Request">The CONNECT, if <see cref="ArrivedRequestKind.Connect"/> is valid.</param>
/// <param name="Status">The status to answer with if it is not.</param>
/// <param name="Misdirected">The request for another server.</param>
internal readonly record struct ArrivedRequest(
    ArrivedRequestKind Kind, ConnectRequest? Request = null, int Status = 0, MisdirectedRequest? Misdirected = null)
{
    /// <summary>Whether it is for Kestrel's HTTP, which also judges what is incomplete.</summary>
    public bool IsForHttp => Kind
        is ArrivedRequestKind.Other or ArrivedRequestKind.Unclear or ArrivedRequestKind.Left or ArrivedRequestKind.BrokenOff;

    /// <summary>The same behind requests that HTTP has served: a CONNECT is no longer valid.</summary>
    public ArrivedRequest AsLate() => Kind is ArrivedRequestKind.Connect ? this with { Kind = ArrivedRequestKind.Late } : this;
}
