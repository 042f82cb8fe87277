using System.Text.Json.Serialization;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Report.Internal.Collecting;

namespace KestrelTlsUpgrade.Report.Internal.Content;

internal sealed record ConnectionsContent(long Silent, long Plaintext, long Upgraded, long DirectTls, long Refused, long Failed)
{
    [JsonIgnore]
    public long All => Silent + Plaintext + Upgraded + DirectTls + Refused + Failed;

    /// <summary>The connections that could carry requests. The others sent nothing or were closed.</summary>
    [JsonIgnore]
    public long Usable => Plaintext + Secure;

    [JsonIgnore]
    public long Secure => Upgraded + DirectTls;

    public static ConnectionsContent Of(TrafficCounts counts) => new(
        counts[ConnectionOutcome.Silent],
        counts[ConnectionOutcome.Plaintext],
        counts[ConnectionOutcome.Upgraded],
        counts[ConnectionOutcome.DirectTls],
        counts[ConnectionOutcome.Refused],
        counts[ConnectionOutcome.Failed]);
}
