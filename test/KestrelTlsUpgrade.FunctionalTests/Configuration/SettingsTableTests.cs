using System.Text.RegularExpressions;

namespace KestrelTlsUpgrade.FunctionalTests.Configuration;

/// <summary>The settings table of the package's README, held against the options.</summary>
public sealed partial class SettingsTableTests
{
    [Fact]
    public async Task Readme_SettingsTable_IsTheOptionsAndTheirDefaults()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "README.md"), TestContext.Current.CancellationToken);
        var table = readme[readme.IndexOf("| `TlsUpgradeOptions` |", StringComparison.Ordinal)..];
        var rows = Row().Matches(table[..table.IndexOf("\n\n", StringComparison.Ordinal)])
            .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        rows.Remove(nameof(TlsUpgradeOptions));

        var options = new TlsUpgradeOptions();
        var properties = typeof(TlsUpgradeOptions).GetProperties();
        Assert.Equal(properties.Select(property => property.Name).Order(), rows.Keys.Order());
        foreach (var property in properties)
        {
            var expected = property.GetValue(options) switch
            {
                null => "none",
                bool value => value ? "`true`" : "`false`",
                Enum value => $"`{value}`",
                TimeSpan value => $"`{value}`",
                TlsUpgradeCallers => "everyone",
                _ => "the application's HTTPS defaults",
            };
            Assert.Equal((property.Name, expected), (property.Name, rows[property.Name]));
        }
    }

    [GeneratedRegex(@"^\| `(\w+)` \| ([^|]+?) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
