using System.Runtime.CompilerServices;

namespace KestrelTlsUpgrade.Client.Internal.Sending;

/// <summary>
/// Tells which connection a response came over. Each upgraded connection has Version objects of its own, and its responses get one of them in
/// place of the equal one that all others share. It costs no allocation for a response.
/// </summary>
internal sealed class ResponseConnection
{
    private static readonly ConditionalWeakTable<Version, TlsUpgradeInfo> Connections = new();

    private readonly Version _http11 = new(1, 1);
    private readonly Version _http10 = new(1, 0);

    public ResponseConnection(TlsUpgradeInfo info)
    {
        Info = info;
        Connections.Add(_http11, info);
        Connections.Add(_http10, info);
    }

    public TlsUpgradeInfo Info { get; }

    public static TlsUpgradeInfo Of(HttpResponseMessage response) =>
        Connections.TryGetValue(response.Version, out var info) ? info : TlsUpgradeInfo.None;

    public void Mark(HttpResponseMessage response) => response.Version = response.Version.Minor == 0 ? _http10 : _http11;
}
