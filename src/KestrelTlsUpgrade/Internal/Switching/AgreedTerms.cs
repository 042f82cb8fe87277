namespace KestrelTlsUpgrade.Internal.Switching;

/// <summary>
/// The terms of a connection's handshake, where they depend on the server name. In the connection's features: a request for a
/// host with other terms, such as one that asks for a client certificate, has to come over a connection of its own.
/// </summary>
internal sealed class AgreedTerms(ServerNameTable<TlsTerms> byName, string serverName)
{
    private readonly TlsTerms? _agreed = byName.Find(serverName);

    public bool Cover(string host) => byName.Find(host) is not { } terms || terms == _agreed;
}
