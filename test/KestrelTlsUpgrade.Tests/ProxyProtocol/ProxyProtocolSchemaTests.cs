using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using KestrelTlsUpgrade.ProxyProtocol;
using KestrelTlsUpgrade.ProxyProtocol.Internal.Configuration;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Tests.ProxyProtocol;

/// <summary>The schema for editors, held against the reader and the options.</summary>
public sealed class ProxyProtocolSchemaTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "ProxyProtocol/ConfigurationSchema.json"));

    private static readonly JsonSchema Schema =
        JsonSchema.FromText(Text, new BuildOptions { Dialect = Dialect.Draft07, SchemaRegistry = new SchemaRegistry() });

    private static readonly SectionSchema Settings = new(JsonNode.Parse(Text)!["definitions"]!["proxyProtocol"]!["properties"]!.AsObject());

    private static string[] Keys { get; } = AcceptedNames.At("?", static (section, errors) => ProxyProtocolSection.Read(section, new(), errors));

    [Fact]
    public void Keys_AreThoseOfTheReader() =>
        Assert.Equal(Keys.Order(), Settings.Keys.Order());

    [Fact]
    public void Keys_AreThoseOfTheOptions() =>
        Assert.Equal(
            typeof(ProxyProtocolOptions).GetProperties().Select(static property => property.Name).Order(), Keys.Order());

    [Fact]
    public void Keys_AllHaveADescription() => Settings.AssertDescribesAll();

    [Fact]
    public void Options_HaveTheirDefault() => Settings.AssertHasDefaultsOf(new ProxyProtocolOptions());

    [Theory]
    [InlineData("""{ }""")]
    [InlineData("""{ "Enabled": false }""")]
    [InlineData("""{ "KnownProxies": [ "10.0.0.2", "::1", "2001:db8::a", "::ffff:192.0.2.1", "fe80::1%2" ] }""")]
    [InlineData("""{ "KnownIPNetworks": [ "10.0.0.0/24", "0.0.0.0/0", "fd00::/8", "::ffff:10.0.0.0/104" ], "HeaderTimeout": "00:00:03" }""")]
    public void Section_ThatCanBeTaken_HasNoFaults(string section) => AssertFaults(section, isFaulty: false);

    [Theory]
    [InlineData("true")]
    [InlineData("""{ "KnownProxys": [ "10.0.0.2" ] }""")]
    [InlineData("""{ "Enabled": "yes" }""")]
    [InlineData("""{ "Enabled": null }""")]
    [InlineData("""{ "KnownProxies": [] }""")]
    [InlineData("""{ "KnownProxies": [ "haproxy.example" ] }""")]
    [InlineData("""{ "KnownProxies": [ "10" ] }""")]
    [InlineData("""{ "KnownProxies": [ "10.2" ] }""")]
    [InlineData("""{ "KnownProxies": [ "010.0.0.2" ] }""")]
    [InlineData("""{ "KnownProxies": [ "10.0.0.2:80" ] }""")]
    [InlineData("""{ "KnownProxies": [ "[::1]:80" ] }""")]
    [InlineData("""{ "KnownProxies": [ "10.0.0.2/32" ] }""")]
    [InlineData("""{ "KnownIPNetworks": [ "10.0.0.0" ] }""")]
    [InlineData("""{ "KnownIPNetworks": [ "10/8" ] }""")]
    [InlineData("""{ "KnownIPNetworks": [ "10.0.0.0/08" ] }""")]
    [InlineData("""{ "KnownIPNetworks": [ "private" ] }""")]
    [InlineData("""{ "HeaderTimeout": "5" }""")]
    [InlineData("""{ "HeaderTimeout": "00:00:00" }""")]
    public void Section_ThatCannotBeTaken_HasFaults(string section) => AssertFaults(section, isFaulty: true);

    /// <summary>The schema cannot say it, so only the start-up does.</summary>
    [Theory]
    [InlineData("""{ "KnownProxies": [ "10.0.0.256" ] }""")]
    [InlineData("""{ "KnownProxies": [ "fe80::1%nosuchzone" ] }""")]
    [InlineData("""{ "KnownIPNetworks": [ "10.0.0.1/24" ] }""")]
    [InlineData("""{ "KnownIPNetworks": [ "10.0.0.0/33" ] }""")]
    [InlineData("""{ "KnownIPNetworks": [ "fd00::1/8" ] }""")]
    public void Section_WithAnAddressThatIsNone_HasFaultsByTheReader(string section) => Assert.NotEmpty(FindFaultsByReader(Document(section)));

    private static void AssertFaults(string section, bool isFaulty)
    {
        foreach (var json in new[]
        {
            Document(section),
            $$$"""{ "Kestrel": { "Endpoints": { "Web": { "Url": "http://*:80", "ProxyProtocol": {{{section}}} } } } }""",
        })
        {
            using var document = JsonDocument.Parse(json);
            Assert.Equal(isFaulty, !Schema.Evaluate(document.RootElement).IsValid);
            Assert.Equal(isFaulty, FindFaultsByReader(json).Count > 0);
        }
    }

    private static List<string> FindFaultsByReader(string json)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        var configuration = new ConfigurationBuilder().AddJsonStream(stream).Build();
        var errors = new List<string>();
        foreach (var parent in configuration.GetSection("Kestrel:Endpoints").GetChildren().Prepend<IConfiguration>(configuration))
        {
            ProxyProtocolSection.Read(parent.GetSection(ProxyProtocolSection.Name), new ProxyProtocolOptions(), errors);
        }

        return errors;
    }

    private static string Document(string section) => $$"""{ "ProxyProtocol": {{section}} }""";
}
