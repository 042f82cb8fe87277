using System.Text.Json.Serialization;
using KestrelTlsUpgrade.Report.Internal.Collecting;

namespace KestrelTlsUpgrade.Report.Internal.Content;

internal sealed record RequestsContent(long Plaintext, long Upgraded, long DirectTls)
{
    [JsonIgnore]
    public long All => Plaintext + Upgraded + DirectTls;

    [JsonIgnore]
    public long Secure => Upgraded + DirectTls;

    public static RequestsContent Of(TrafficCounts counts) =>
        new(counts[TlsUpgradeState.Plaintext], counts[TlsUpgradeState.Upgraded], counts[TlsUpgradeState.DirectTls]);
}
