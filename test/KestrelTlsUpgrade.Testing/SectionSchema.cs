using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KestrelTlsUpgrade.Testing;

/// <summary>A section of the configuration in the schema that editors get.</summary>
/// <param name="properties">The schemas of its keys.</param>
internal sealed class SectionSchema(JsonObject properties)
{
    public IEnumerable<string> Keys => properties.Select(static property => property.Key);

    public void AssertDescribesAll() =>
        Assert.All(properties, static property => Assert.NotEmpty(property.Value!["description"]!.GetValue<string>()));

    /// <summary>An option without a value, or with an empty list, has no default in the schema.</summary>
    public void AssertHasDefaultsOf(object options)
    {
        foreach (var (key, schema) in properties)
        {
            var value = options.GetType().GetProperty(key)!.GetValue(options);
            JsonNode? expected = value switch
            {
                null or ICollection { Count: 0 } or TlsUpgradeCallers => null,
                bool or int or IEnumerable<int> => JsonSerializer.SerializeToNode(value),
                _ => value.ToString(),
            };
            Assert.Equal($"{key}: {expected?.ToJsonString()}", $"{key}: {schema!["default"]?.ToJsonString()}");
        }
    }
}
