using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using KestrelTlsUpgrade.Connections.Sections;
using KestrelTlsUpgrade.Internal.Certificates;
using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade.Tests.Settings;

/// <summary>The schema that editors get, held against the reader and the options.</summary>
public sealed class ConfigurationSchemaTests
{
    private static readonly JsonNode Root = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "ConfigurationSchema.json")))!;

    private static readonly JsonNode Settings = Resolve(Root["properties"]![SettingsSection.Name]!);

    private static readonly JsonNode OfServerName =
        Resolve(Assert.Single(Settings["properties"]![SniSection.Key]!["patternProperties"]!.AsObject()).Value!);

    private static string[] Keys { get; } = AcceptedNames.At("?", static (section, errors) => SettingsSection.Read(section, new(), errors));

    private static string[] KeysOfCertificate { get; } = AcceptedNames.At("?", CertificateSection.Check);

    [Fact]
    public void Sections_OfHostAndEndpoint_HaveTheSameDefinition()
    {
        var endpoint = Resolve(Root["properties"]!["Kestrel"]!)["properties"]!["Endpoints"]!["additionalProperties"]!;
        Assert.Same(Settings, Resolve(endpoint["properties"]![SettingsSection.Name]!));
    }

    [Fact]
    public void Keys_AreThoseOfTheReader()
    {
        AssertKnows(Keys, Settings);
        AssertKnows(KeysOfCertificate, Resolve(Settings["properties"]![CertificateSection.Key]!));
        AssertKnows(
            AcceptedNames.At("?", static (section, errors) => CallersSection.Read(section, new(), errors)),
            Resolve(Settings["properties"]![nameof(TlsUpgradeOptions.OffersFrom)]!));
        AssertKnows(AcceptedNames.At("a.test:?", static (section, errors) => SniSection.Read(section, errors)), OfServerName);
        AssertKnows(KeysOfCertificate, Resolve(OfServerName["properties"]![CertificateSection.Key]!));
    }

    [Fact]
    public void Options_HaveTheirTypeAndDefault()
    {
        var (options, https) = (new TlsUpgradeOptions(), new HttpsConnectionAdapterOptions());
        foreach (var key in Keys.Except([CertificateSection.Key, SniSection.Key, nameof(TlsUpgradeOptions.OffersFrom)]))
        {
            var value = typeof(TlsUpgradeOptions).GetProperty(key)?.GetValue(options)
                ?? typeof(HttpsConnectionAdapterOptions).GetProperty(key)!.GetValue(https)!;
            AssertTakes(value.GetType(), Resolve(Settings["properties"]![key]!));
            JsonNode expected = value is bool ? (bool)value : value.ToString()!;
            Assert.Equal($"{key}: {expected.ToJsonString()}", $"{key}: {Resolve(Settings["properties"]![key]!)["default"]!.ToJsonString()}");
        }
    }

    [Theory]
    [InlineData(nameof(SniEntry.Protocols), typeof(HttpProtocols))]
    [InlineData(nameof(SniEntry.SslProtocols), typeof(SslProtocols))]
    [InlineData(nameof(SniEntry.ClientCertificateMode), typeof(ClientCertificateMode))]
    public void ServerName_HasTheTypesOfTheReader(string key, Type type)
    {
        Assert.Equal(type, Nullable.GetUnderlyingType(typeof(SniEntry).GetProperty(key)!.PropertyType));
        AssertTakes(type, Resolve(OfServerName["properties"]![key]!));
    }

    [Fact]
    public void Certificate_HasTheTypesAndDefaultsOfKestrel()
    {
        var certificate = Resolve(Settings["properties"]![CertificateSection.Key]!)["properties"]!.AsObject();
        AssertTakes(typeof(bool), certificate["AllowInvalid"]!);
        AssertTakes(typeof(StoreLocation), certificate["Location"]!);
        Assert.Equal(nameof(StoreName.My), certificate["Store"]!["default"]!.GetValue<string>());
        Assert.Equal(nameof(StoreLocation.CurrentUser), certificate["Location"]!["default"]!.GetValue<string>());
        Assert.False(certificate["AllowInvalid"]!["default"]!.GetValue<bool>());
    }

    /// <summary>An editor shows what stands at a key, or at the definition that it names.</summary>
    [Fact]
    public void Keys_AllHaveADescription()
    {
        foreach (var definition in new[] { Settings, OfServerName, Resolve(Settings["properties"]![CertificateSection.Key]!) })
        {
            foreach (var (key, schema) in definition["properties"]!.AsObject())
            {
                Assert.True(Resolve(schema!)["description"]?.GetValue<string>() is { Length: > 0 }, $"{key} has no description.");
            }
        }
    }

    /// <summary>Beside a reference everything else is ignored up to draft 7.</summary>
    [Fact]
    public void References_StandAlone_AndLeadSomewhere()
    {
        foreach (var reference in Descendants(Root).OfType<JsonObject>().Where(static node => node.ContainsKey("$ref")))
        {
            Assert.Single(reference);
            Assert.NotNull(Resolve(reference));
        }
    }

    private static void AssertKnows(IEnumerable<string> keys, JsonNode definition)
    {
        Assert.Equal(keys.Order(), definition["properties"]!.AsObject().Select(static property => property.Key).Order());
        Assert.False(definition["additionalProperties"]!.GetValue<bool>());
    }

    private static void AssertTakes(Type type, JsonNode schema)
    {
        if (type == typeof(SslProtocols))
        {
            var (one, list) = (Resolve(schema["anyOf"]![0]!), schema["anyOf"]![1]!);
            Assert.Equal("array", list["type"]!.GetValue<string>());
            Assert.Same(one, Resolve(list["items"]!));
            AssertTakesNames(
                AcceptedNames.At("Key", static (section, errors) => SettingValue.ReadVersions(section.GetSection("Key"), errors)), one);
        }
        else if (type.IsEnum)
        {
            AssertTakesNames(Enum.GetNames(type), schema);
        }
        else
        {
            Assert.Equal(type == typeof(bool) ? "boolean" : "string", schema["type"]!.GetValue<string>());
        }
    }

    private static void AssertTakesNames(IEnumerable<string> names, JsonNode schema)
    {
        Assert.Equal("string", schema["type"]!.GetValue<string>());
        Assert.Equal(names.Order(), schema["enum"]!.AsArray().Select(static name => name!.GetValue<string>()).Order());
    }

    private static JsonNode Resolve(JsonNode schema)
    {
        if (schema["$ref"]?.GetValue<string>() is not { } reference)
        {
            return schema;
        }

        Assert.StartsWith("#/definitions/", reference, StringComparison.Ordinal);
        return Root["definitions"]![reference["#/definitions/".Length..]]!;
    }

    private static IEnumerable<JsonNode> Descendants(JsonNode node)
    {
        var children = node switch
        {
            JsonObject parent => parent.Select(static property => property.Value),
            JsonArray parent => parent,
            _ => [],
        };
        return children.OfType<JsonNode>().SelectMany(Descendants).Prepend(node);
    }
}
