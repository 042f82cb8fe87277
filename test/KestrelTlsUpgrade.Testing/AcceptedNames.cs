using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Testing;

/// <summary>The names that a reader of the configuration accepts, as its message lists them to an operator who has used another.</summary>
internal static class AcceptedNames
{
    /// <param name="path">Where the section has a key, or a key has a value, that is never accepted.</param>
    /// <param name="read">Reads the section and adds its messages.</param>
    public static string[] At(string path, Action<IConfigurationSection, List<string>> read)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new($"Section:{path}", "?")]).Build();
        var errors = new List<string>();
        read(configuration.GetSection("Section"), errors);
        var message = Assert.Single(errors, error => error.StartsWith($"Section:{path} is ", StringComparison.Ordinal));
        var names = Regex.Match(message, @"\. Use (.+)\.$").Groups[1].Value;
        Assert.NotEmpty(names);
        return names.Split(", ");
    }
}
