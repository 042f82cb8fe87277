namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>
/// The terms of a connection's handshake, where they depend on the server name. A request for a host with other terms, such as one
/// that asks for a client certificate, has to come over a connection of its own.
/// </summary>
/// <param name="byName">The terms of all names.</param>
/// <param name="agreed">Those of the handshake.</param>
internal sealed class NegotiatedSni(ServerNameTable<SniRequirements> byName, SniRequirements? agreed)
{
    public bool Covers(string host) => byName.FindByHost(host) is not { } terms || terms == agreed;
}
