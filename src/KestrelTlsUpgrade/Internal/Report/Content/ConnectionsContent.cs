using System.Text.Json.Serialization;
using KestrelTlsUpgrade.Internal.Observation;
using KestrelTlsUpgrade.Internal.Report.Collecting;

namespace KestrelTlsUpgrade.Internal.Report.Content;

internal sealed record ConnectionsContent(long Silent, long Plaintext, long Upgraded, long DirectTls, long Refused, long Failed)
{
    [JsonIgnore]
    public long All => Silent + Plaintext + Upgraded + DirectTls + Refused + Failed;

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
