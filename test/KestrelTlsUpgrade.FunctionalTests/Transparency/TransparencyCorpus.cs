namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>Everything but accepted upgrades, by name.</summary>
internal static class TransparencyCorpus
{
    private static readonly RequestStream[] Streams = [.. new[]
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
    }.SelectMany(theme => theme)];

    /// <summary>The streams that are Kestrel's to answer.</summary>
    public static IReadOnlyDictionary<string, RequestStream> All { get; } =
        Streams.Where(stream => !IsTls(stream)).ToDictionary(stream => stream.Name);

    /// <summary>The streams that are TLS by their first octet, which begins no request line, and that are no handshake.</summary>
    public static IReadOnlyDictionary<string, RequestStream> Tls { get; } = Streams.Where(IsTls).ToDictionary(stream => stream.Name);

    private static bool IsTls(RequestStream stream) => stream.Bytes.Span is [0x16, ..];
}
