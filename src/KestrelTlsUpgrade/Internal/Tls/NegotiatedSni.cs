namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>
/// The requirements of a connection's handshake, if they depend on the server name. A request for a host with other requirements, such as a
/// client certificate, needs another connection.
/// </summary>
/// <param name="byName">The requirements of all names.</param>
/// <param name="agreed">The requirements of this handshake.</param>
internal sealed class NegotiatedSni(ServerNameTable<SniRequirements> byName, SniRequirements? agreed)
{
    public bool Covers(string host) => byName.FindByHost(host) is not { } terms || terms == agreed;
}
