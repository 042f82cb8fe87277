using System.Diagnostics.Metrics;
using System.Reflection;
using System.Security.Authentication;
using System.Text.RegularExpressions;
using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.ProxyProtocol.Internal;
using KestrelTlsUpgrade.Report.Internal;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Tests.Telemetry;

/// <summary>The tables of Observability.md, held against the code.</summary>
public sealed partial class ObservabilityTablesTests
{
    private const string Namespace = "KestrelTlsUpgrade.Internal.";

    /// <summary>The categories of the types that write to them.</summary>
    private static readonly Dictionary<string, string> Categories = new()
    {
        ["SettingsWarnings"] = LogCategories.Endpoint,
        ["TlsUpgradeEndpoint"] = LogCategories.Endpoint,
        ["FallbackLog"] = LogCategories.Fallback,
        ["SharedFallback"] = LogCategories.Fallback,
        ["SettingsRenewal"] = LogCategories.Settings,
        ["UnreadConfigurationLog"] = LogCategories.Settings,
        ["CertificateChain"] = LogCategories.CertificateChain,
        ["PlaintextEndpointCheck"] = LogCategories.EndpointCoverage,
        ["CertificateExpiryCheck"] = LogCategories.CertificateExpiry,
        ["KeyTypeHint"] = LogCategories.CertificateKey,
        ["DevelopmentCertificate"] = LogCategories.DevelopmentCertificate,
        ["SharedNameCheck"] = LogCategories.SharedNames,
        ["TlsHandshake"] = LogCategories.Handshake,
        ["RefusalLog"] = LogCategories.Secured,
        ["SecuredConnection"] = LogCategories.Secured,
        ["AcceptableOffer"] = LogCategories.Http,
        ["RequireTlsUpgradeMatcherPolicy"] = LogCategories.Routing,
        ["ClientSchemeCheck"] = LogCategories.ClientScheme,
        ["RequestLog"] = LogCategories.Requests,
        ["AttributeCheck"] = LogCategories.Attributes,
        ["ProxyProtocolConnectionMiddleware"] = "KestrelTlsUpgrade.ProxyProtocol",
        ["ProxyProtocolEndpointCheck"] = "KestrelTlsUpgrade.ProxyProtocol",
        ["ReportEndpoint"] = "KestrelTlsUpgrade.Report",
        ["ReportKeeper"] = "KestrelTlsUpgrade.Report",
    };

    private static readonly string Document = Read("Observability.md");

    private static readonly string ProxyProtocolDocument = Read("ProxyProtocol.md");

    [Fact]
    public void Metrics_AreThoseOfTheMeter()
    {
        using var factory = new TestMeterFactory();
        var instruments = new List<Instrument>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory))
                {
                    instruments.Add(instrument);
                }
            },
        };
        listener.Start();
        _ = new TlsUpgradeMetrics(factory);

        Assert.All(instruments, static instrument => Assert.Equal("KestrelTlsUpgrade", instrument.Meter.Name));
        Assert.All(instruments, static instrument => Assert.False(string.IsNullOrEmpty(instrument.Description)));
        Assert.Equal(
            instruments.Select(static instrument => (
                instrument.Name, Kind: instrument.GetType().Name.Split('`')[0].ToLowerInvariant(), Unit: instrument.Unit!)).Order(),
            MetricRow().Matches(Document).Select(static row => (row.Groups[1].Value, row.Groups[2].Value, row.Groups[3].Value)).Order());
        Assert.NotEmpty(instruments);
    }

    [Fact]
    public void Metrics_HaveTheTagsThatAreListed()
    {
        using var factory = new TestMeterFactory();
        var metrics = new TlsUpgradeMetrics(factory);
        var tags = new Dictionary<string, HashSet<string>>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, measured, _) => Collect(instrument.Name, measured));
        listener.SetMeasurementEventCallback<double>((instrument, _, measured, _) => Collect(instrument.Name, measured));
        listener.Start();
        metrics.ConnectionSettled(new(
            new TestConnection().Context, ConnectionOutcome.Refused, Internal.Telemetry.TlsStart.FirstRequest, FailureCause.Http2Offered, SslProtocols.Tls13));
        metrics.RequestReceived(new Microsoft.AspNetCore.Http.DefaultHttpContext(), TlsUpgradeState.Upgraded, isReplayed: true);
        metrics.RequestRefused(new Microsoft.AspNetCore.Http.DefaultHttpContext(), 426);
        metrics.RequestTolerated(new Microsoft.AspNetCore.Http.DefaultHttpContext(), 426);

        Assert.Equal(
            tags.Select(static pair => $"{pair.Key}: {string.Join(", ", pair.Value.Order())}").Order(),
            MetricRow().Matches(Document).Select(static row =>
                $"{row.Groups[1].Value}: {string.Join(", ", Code().Matches(row.Groups[4].Value).Select(static code => code.Groups[1].Value).Order())}").Order());

        void Collect(string name, ReadOnlySpan<KeyValuePair<string, object?>> measured)
        {
            var names = tags.TryGetValue(name, out var known) ? known : tags[name] = [];
            foreach (var tag in measured)
            {
                names.Add(tag.Key);
            }
        }
    }

    [Fact]
    public void TagValues_AreThoseOfTheCode()
    {
        IEnumerable<(string, string)> expected =
        [
            .. Enum.GetValues<ConnectionOutcome>().Select(static value => (TagNames.Outcome, TagNames.Of(value))),
            .. Enum.GetValues<Internal.Telemetry.TlsStart>().Skip(1).Select(static value => (TagNames.Start, TagNames.Of(value))),
            .. Enum.GetValues<TlsUpgradeState>().Select(static value => (TagNames.State, TagNames.Of(value))),
            .. Enum.GetValues<FailureCause>().Skip(1).Select(static value => (TagNames.ErrorType, FailureDescription.Of(value).Tag)),
        ];
        Assert.Equal(expected.Order(), ReadValues(Document));
        Assert.Equal(expected.Count(), expected.Distinct().Count());
        expected =
        [
            (ProxyProtocolConnectionMiddleware.ErrorTypeTag, ProxyProtocolConnectionMiddleware.SourceNotTrustedTag),
            (ProxyProtocolConnectionMiddleware.ErrorTypeTag, ProxyProtocolConnectionMiddleware.HeaderInvalidTag),
        ];
        Assert.Equal(expected.Order(), ReadValues(ProxyProtocolDocument));

        static IEnumerable<(string, string)> ReadValues(string document) =>
            ValueRow().Matches(document).Select(static row => (row.Groups[1].Value, row.Groups[2].Value)).Order();
    }

    [Fact]
    public void TagValues_OfWhatIsNone_AreNotToBeHad()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => TagNames.Of(Internal.Telemetry.TlsStart.None));
        Assert.Throws<ArgumentOutOfRangeException>(static () => TagNames.Of((ConnectionOutcome)99));
        Assert.Throws<ArgumentOutOfRangeException>(static () => TagNames.Of((TlsUpgradeState)99));
    }

    [Theory]
#pragma warning disable CA5397, SYSLIB0039 // Names of versions.
    [InlineData(SslProtocols.Tls, "1.0")]
    [InlineData(SslProtocols.Tls11, "1.1")]
#pragma warning restore CA5397, SYSLIB0039
    [InlineData(SslProtocols.Tls12, "1.2")]
    [InlineData(SslProtocols.Tls13, "1.3")]
    [InlineData(SslProtocols.None, null)]
    public void TagValues_OfVersions_AreThoseOfOpenTelemetry(SslProtocols version, string? expected) =>
        Assert.Equal(expected, TagNames.Of(version));

    [Fact]
    public void Events_AreThoseOfTheLog()
    {
        AssertEvents(typeof(TlsUpgradeEndpoint).Assembly, Document);
        AssertEvents(typeof(ProxyProtocolConnectionMiddleware).Assembly, ProxyProtocolDocument);
        AssertEvents(typeof(ReportEndpoint).Assembly, Read("Report.md"));
    }

    /// <summary>It belongs to the categories and levels of other lines.</summary>
    [Fact]
    public void LinesLeftOut_AreDescribedWithTheirBounds()
    {
        Assert.Contains("id 100, `LinesLeftOut`", Document);
        Assert.Contains($"{CallerLogLimiter.LinesPerCaller} lines a", Document);
        Assert.Contains($"beyond {CallerLogLimiter.MaxCallers:N0} callers all others together get {CallerLogLimiter.LinesOfOthers}.", Document);
    }

    private static void AssertEvents(Assembly assembly, string document)
    {
        var events = assembly.GetTypes()
            .SelectMany(static type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(static method => (method.DeclaringType, Message: method.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(static pair => pair.Message is not null)
            .Select(static pair => $"{GetCategory(pair.DeclaringType!)} {pair.Message!.EventId} {pair.Message.EventName} {pair.Message.Level}")
            .ToArray();
        Assert.Equal(
            events.Order(StringComparer.Ordinal),
            EventRow().Matches(document).Select(static row => string.Join(' ', row.Groups.Values.Skip(1).Select(static group => group.Value)))
                .Order(StringComparer.Ordinal));
        Assert.Equal(events.Length, events.Select(static text => string.Join(' ', text.Split(' ')[..2])).Distinct().Count());
        Assert.Equal(events.Length, events.Select(static text => text.Split(' ')[2]).Distinct().Count());
    }

    private static string Read(string document) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Documents/src", document));

    private static string GetCategory(Type log)
    {
        var category = Categories.GetValueOrDefault(log.DeclaringType!.Name, log.DeclaringType.FullName!);
        return category.StartsWith(Namespace, StringComparison.Ordinal) ? category[Namespace.Length..] : category;
    }

    [GeneratedRegex(@"^\| `(tls_upgrade\.server\.[\w.]+)` \| (\w+) \| `([^`]+)` \| ([^|]+) \|", RegexOptions.Multiline)]
    private static partial Regex MetricRow();

    [GeneratedRegex(@"^\| `([\w.]+)` \| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex ValueRow();

    [GeneratedRegex(@"^\| `([\w.]+)` \| (\d+) \| `(\w+)` \| (\w+) \|", RegexOptions.Multiline)]
    private static partial Regex EventRow();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
