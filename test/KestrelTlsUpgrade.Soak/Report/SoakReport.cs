using System.Text.Json;

namespace KestrelTlsUpgrade.Soak.Report;

/// <summary>The figures of a soak.</summary>
internal sealed record SoakReport
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public required string Platform { get; init; }

    public required double Minutes { get; init; }

    public required IReadOnlyList<KindReport> Kinds { get; init; }

    public required IReadOnlyList<StageReport> Stages { get; init; }

    public required int IdleConnections { get; init; }

    public required double IdleHeldSeconds { get; init; }

    public required int Restarts { get; init; }

    public required double LongestRestartSeconds { get; init; }

    public required int Renewals { get; init; }

    public required int CertificatesSeen { get; init; }

    public required double LatestOldCertificateSeconds { get; init; }

    /// <summary>What the clients counted, and all servers together.</summary>
    public required long Sent { get; init; }

    public required long Begun { get; init; }

    public required long Finished { get; init; }

    public required long Connections { get; init; }

    public required IReadOnlyList<string> Problems { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}
