namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>Everything but accepted upgrades and TLS, by name.</summary>
internal static class TransparencyCorpus
{
    public static IReadOnlyDictionary<string, RequestStream> All { get; } = new[]
    {
        MethodStreams.All,
        PersistenceStreams.All,
        LengthStreams.All,
        ChunkedStreams.All,
        TargetStreams.All,
        HostStreams.All,
        FieldStreams.All,
        StartLineStreams.All,
        LimitStreams.All,
        PartialStreams.All,
        ForeignStreams.All,
        DeclinedOfferStreams.All,
        MalformedOfferStreams.All,
        OwnUpgradeStreams.All,
        MutatedStreams.All,
    }.SelectMany(theme => theme).ToDictionary(stream => stream.Name);
}
