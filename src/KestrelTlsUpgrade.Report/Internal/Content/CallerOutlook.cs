namespace KestrelTlsUpgrade.Report.Internal.Content;

/// <summary>What has been seen of a caller under the settings in force, for the advice on the next step.</summary>
internal sealed record CallerOutlook
{
    public static CallerOutlook None { get; } = new();

    /// <summary>Requests that offered an upgrade, and were answered in clear text for a reason that a step would remove.</summary>
    public long Offering { get; init; }

    /// <summary>Requests that offered an upgrade, and were answered in clear text for a reason that no step removes.</summary>
    public long OfferingInVain { get; init; }

    /// <summary>Those of the offering ones that asked for nothing but the upgrade, with <c>OPTIONS *</c>.</summary>
    public long OfferingAsterisk { get; init; }

    /// <summary>Requests that offered an upgrade and were refused with 403, because the endpoint accepts no offer.</summary>
    public long RefusedOffering { get; init; }

    /// <summary>The resources of those requests.</summary>
    public IReadOnlyList<string> RefusedOfferingResources { get; init; } = [];

    /// <summary>Navigations of a browser that were answered in clear text.</summary>
    public long Navigating { get; init; }

    /// <summary>All other requests that were answered in clear text, and not by a refusal, which would be the same.</summary>
    public long Plain { get; init; }

    /// <summary>Requests that an enforced requirement would answer with each status, by resource.</summary>
    public IReadOnlyList<OutlookResource> WouldBe { get; init; } = [];

    /// <summary>Connections that began with TLS, and were shut out.</summary>
    public long ShutOut { get; init; }

    /// <summary>Whether it has accepted the certificate, and gone on over TLS.</summary>
    public bool HasSucceeded { get; init; }

    /// <summary>The cause for which its next upgrade is likely to fail, if there is one.</summary>
    public CallerFailureContent? Failing { get; init; }
}

/// <param name="Resource">The route.</param>
/// <param name="Status">The status with which an enforced requirement would answer.</param>
/// <param name="Count">The number of requests.</param>
/// <param name="Offering">Those of them that offered an upgrade.</param>
internal sealed record OutlookResource(string Resource, int Status, long Count, long Offering);
