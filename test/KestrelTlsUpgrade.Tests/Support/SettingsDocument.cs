using System.Text;
using System.Text.Json;
using Json.Schema;
using KestrelTlsUpgrade.Internal.Settings;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Tests.Support;

/// <summary>A configuration in JSON, as an editor sees it and as the package reads it.</summary>
internal sealed class SettingsDocument(string json)
{
    private static readonly JsonSchema Schema = JsonSchema.FromText(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "ConfigurationSchema.json")),
        new BuildOptions { Dialect = Dialect.Draft07, SchemaRegistry = new SchemaRegistry() });

    /// <summary>Where the schema has something against it. Editors merge it with others and take what draft 7 knows.</summary>
    public IReadOnlyList<string> FindFaultsBySchema()
    {
        // As the configuration reads it.
        using var document = JsonDocument.Parse(
            json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        var results = Schema.Evaluate(document.RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });
        return results.IsValid ? [] : [.. (results.Details ?? [])
            .Where(static result => !result.IsValid)
            .Select(static result => $"{result.InstanceLocation}: {string.Join(' ', result.Errors?.Values ?? Enumerable.Empty<string>())}")];
    }

    /// <summary>What our reader has against it, in all the sections that it would read.</summary>
    public IReadOnlyList<string> FindFaultsByReader()
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        var configuration = new ConfigurationBuilder().AddJsonStream(stream).Build();
        var errors = new List<string>();
        foreach (var parent in configuration.GetSection("Kestrel:Endpoints").GetChildren().Prepend<IConfiguration>(configuration))
        {
            SettingsSection.Read(parent.GetSection(SettingsSection.Name), new TlsUpgradeOptions(), errors);
        }

        return errors;
    }
}
