using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tunnel.Internal.Configuration;
using KestrelTlsUpgrade.Tunnel.Internal.Hosting;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Tunnel.Tests.Configuration;

/// <summary>The schema that editors get, held against the reader and the options.</summary>
public sealed class ConfigurationSchemaTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "ConfigurationSchema.json"));

    private static readonly JsonSchema Schema =
        JsonSchema.FromText(Text, new BuildOptions { Dialect = Dialect.Draft07, SchemaRegistry = new SchemaRegistry() });

    private static readonly SectionSchema Settings =
        new(JsonNode.Parse(Text)!["properties"]![TunnelSection.Name]!["properties"]!.AsObject());

    [Fact]
    public void Keys_AreThoseOfTheReader() =>
        Assert.Equal(
            AcceptedNames.At("?", static (section, errors) => TunnelSection.Read(section, new(), errors)).Order(),
            Settings.Keys.Order());

    [Fact]
    public void Keys_AllHaveADescription() => Settings.AssertDescribesAll();

    [Fact]
    public void Options_HaveTheirDefault() => Settings.AssertHasDefaultsOf(new ConnectTunnelOptions());

    [Theory]
    [InlineData("""{ }""")]
    [InlineData("""{ "Enabled": false, "ForwardProxyAuthorization": true, "UpstreamProxy": "http://proxy.test:3128" }""")]
    [InlineData("""{ "AllowedPorts": [ 1, 65535 ], "AllowedOwnPorts": [ 8080 ], "AllowedNetworks": [ "10.1.0.0/16", "fd00::/8" ] }""")]
    [InlineData("""{ "ServedHosts": [ "www.example.com", "*.example.com:8080", "[2001:db8::1]", "*" ] }""")]
    [InlineData("""{ "AuthorizationPolicy": "tunnels", "ProxyChallenge": "Basic realm=\"proxy\"" }""")]
    [InlineData("""{ "MaxTunnels": 1, "MaxTunnelsPerCaller": 2147483647 }""")]
    [InlineData("""{ "ConnectTimeout": "0:0:0.5", "IdleTimeout": "23:59:59", "LingerTimeout": "01:00" }""")]
    [InlineData("""{ "UpstreamProxy": "https://user:word@proxy.test/" }""")]
    public void Section_ThatCanBeTaken_HasNoFaults(string section)
    {
        Assert.True(IsTakenBySchema(section), "The schema has something against it.");
        Assert.Empty(FindFaultsByReader(section));
    }

    [Theory]
    [InlineData("""{ "Enable": true }""")]
    [InlineData("""{ "Enabled": "maybe" }""")]
    [InlineData("""{ "AllowedPorts": [ 0 ] }""")]
    [InlineData("""{ "AllowedPorts": [ 65536 ] }""")]
    [InlineData("""{ "AllowedPorts": [ "https" ] }""")]
    [InlineData("""{ "AllowedOwnPorts": [ 0 ] }""")]
    [InlineData("""{ "AllowedNetworks": [ "10.1.0.0" ] }""")]
    [InlineData("""{ "AllowedNetworks": [ "10/8" ] }""")]
    [InlineData("""{ "AllowedNetworks": [ "private" ] }""")]
    [InlineData("""{ "ServedHosts": [ "http://www.example.com/" ] }""")]
    [InlineData("""{ "ServedHosts": [ "a b" ] }""")]
    [InlineData("""{ "AuthorizationPolicy": "" }""")]
    [InlineData("""{ "ProxyChallenge": "" }""")]
    [InlineData("""{ "MaxTunnels": 0 }""")]
    [InlineData("""{ "MaxTunnelsPerCaller": 2147483648 }""")]
    [InlineData("""{ "ConnectTimeout": "10" }""")]
    [InlineData("""{ "IdleTimeout": "24:00:00" }""")]
    [InlineData("""{ "LingerTimeout": "00:00:00" }""")]
    [InlineData("""{ "UpstreamProxy": "proxy.test:3128" }""")]
    [InlineData("""{ "UpstreamProxy": "socks5://proxy.test" }""")]
    [InlineData("""{ "UpstreamProxy": "http://proxy.test/path" }""")]
    [InlineData("""{ "ForwardProxyAuthorization": 1 }""")]
    public void Section_ThatCannotBeTaken_HasFaults(string section)
    {
        Assert.False(IsTakenBySchema(section), "The schema has nothing against it.");
        Assert.NotEmpty(FindFaultsByReader(section));
    }

    private static bool IsTakenBySchema(string section)
    {
        using var document = JsonDocument.Parse(Document(section));
        return Schema.Evaluate(document.RootElement).IsValid;
    }

    /// <summary>By the reader, or by what validates the options that it read.</summary>
    private static IReadOnlyList<string> FindFaultsByReader(string section)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(Document(section)));
        var configuration = new ConfigurationBuilder().AddJsonStream(stream).Build();
        var (options, errors) = (new ConnectTunnelOptions(), new List<string>());
        TunnelSection.Read(configuration.GetSection(TunnelSection.Name), options, errors);
        return [.. errors, .. new ConnectTunnelOptionsValidator().Validate(null, options).Failures ?? []];
    }

    private static string Document(string section) => $$"""{ "{{TunnelSection.Name}}": {{section}} }""";
}
