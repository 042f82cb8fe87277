using System.Text.Json.Serialization;

namespace KestrelTlsUpgrade.Report.Internal.Content;

/// <param name="Capacity">The most callers that are remembered of those in clear text, and as many of those that begin with TLS.</param>
/// <param name="Displaced">How often one in clear text with few requests has lost its place to another.</param>
/// <param name="All">The callers, the one with the most requests in clear text first.</param>
internal sealed record CallersContent(int Capacity, long Displaced, IReadOnlyList<CallerContent> All)
{
    /// <summary>How often one that begins with TLS has lost its place to another.</summary>
    public long DisplacedDirectTls { get; init; }
}

/// <param name="Product">What it calls itself; empty if nothing.</param>
/// <param name="Network">The network that it calls from.</param>
/// <param name="Plaintext">Requests that were answered in clear text.</param>
/// <param name="Upgraded">Requests that arrived in clear text and were answered over TLS.</param>
/// <param name="FailedUpgrades">Upgrades that came to nothing.</param>
/// <param name="Missed">The most requests that came before it had a place in the table.</param>
/// <param name="OffersUpgrade">Whether it has ever asked for an upgrade.</param>
/// <param name="LastSeen">When it last came in clear text; over TLS if it never did.</param>
/// <param name="LastPlaintext">When it was last answered in clear text, if ever.</param>
internal sealed record CallerContent(
    string Product,
    string Network,
    long Plaintext,
    long Upgraded,
    long FailedUpgrades,
    long Missed,
    bool OffersUpgrade,
    DateTimeOffset LastSeen,
    DateTimeOffset? LastPlaintext)
{
    /// <summary>Whether the operator expects it in clear text.</summary>
    public bool IsExpected { get; init; }

    /// <summary>Requests that were redirected to https.</summary>
    public long Redirected { get; init; }

    /// <summary>Further requests over upgraded connections.</summary>
    public long AfterUpgrade { get; init; }

    /// <summary>Requests over TLS from the first byte.</summary>
    public long DirectTls { get; init; }

    /// <summary>Connections that began with TLS, and that the endpoint's settings shut out.</summary>
    public long DirectTlsShutOut { get; init; }

    /// <summary>Offers that were answered with 101.</summary>
    public long OffersAccepted => Upgraded + FailedUpgrades;

    /// <summary>Offers that were declined, by reason.</summary>
    public IReadOnlyDictionary<string, long> Declined { get; init; } = new Dictionary<string, long>();

    /// <summary>Why upgrades failed, and connections that began with TLS were shut out; of each, the most frequent cause first.</summary>
    public IReadOnlyList<CallerFailureContent> Failures { get; init; } = [];

    /// <summary>Until when its optional offers are declined, because TLS has failed for it.</summary>
    public DateTimeOffset? FallenBackUntil { get; init; }

    /// <summary>The resources that it was refused, or would be.</summary>
    public IReadOnlyList<CallerResourceContent> Resources { get; init; } = [];

    /// <summary>The addresses seen last, if the reader of the report may see them.</summary>
    public IReadOnlyList<string>? Addresses { get; init; }

    /// <summary>What its requests in clear text say of steps to come.</summary>
    [JsonIgnore]
    public CallerOutlook Outlook { get; init; } = CallerOutlook.None;

    /// <summary>When a connection of it was last shut out, if ever.</summary>
    [JsonIgnore]
    public DateTimeOffset? LastShutOut { get; init; }

    /// <summary>Whether it has only ever been served over TLS, or been redirected to it.</summary>
    [JsonIgnore]
    public bool IsSecure => Plaintext == 0 && FailedUpgrades == 0 && DirectTlsShutOut == 0;

    /// <summary>Whether it has been answered in clear text since then.</summary>
    public bool HasSpokenPlaintext(DateTimeOffset since) => LastPlaintext >= since;

    /// <summary>Whether the operator should still look at it. Old plaintext and failures stop counting.</summary>
    public bool IsOfConcern(DateTimeOffset since) =>
        HasSpokenPlaintext(since) || (FailedUpgrades > 0 && LastSeen >= since) || LastShutOut >= since;
}

/// <param name="Cause">The cause, as in the tag <c>error.type</c>.</param>
/// <param name="Count">How often.</param>
/// <param name="Last">When it last happened.</param>
/// <param name="Explanation">What it means; what the last handshake tells of the client, if that is known.</param>
/// <param name="Owner">What the owner of the server can do.</param>
/// <param name="Client">What can be done on the client's side.</param>
/// <param name="Host">The host that it asked for, if the certificate does not name it.</param>
/// <param name="Versions">The TLS versions that it offered, if none of them is enabled.</param>
internal sealed record CallerFailureContent(
    string Cause, long Count, DateTimeOffset Last, string Explanation, string Owner, string Client, string? Host, string? Versions);

/// <param name="Resource">The route of the resource.</param>
/// <param name="Refused">Requests that it was refused, by status.</param>
/// <param name="WouldBe">Requests that were served, by the status with which an enforced requirement would answer.</param>
internal sealed record CallerResourceContent(
    string Resource, IReadOnlyDictionary<string, long> Refused, IReadOnlyDictionary<string, long> WouldBe);
