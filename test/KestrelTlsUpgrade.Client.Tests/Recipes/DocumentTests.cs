namespace KestrelTlsUpgrade.Client.Tests.Recipes;

/// <summary>The README's recipes, held against the tests of this folder.</summary>
public sealed class DocumentTests
{
    [Fact]
    public void Recipes_AreThoseThatRun()
    {
        var section = Read("README.md").Split("\n## Recipes\n")[1].Split("\n## ")[0];
        var recipes = section.Split("```csharp\n")[1..].Select(static rest => Compress(rest.Split("```")[0])).ToArray();
        var tests = typeof(DocumentTests).Assembly.GetManifestResourceNames().Where(static name => name.StartsWith("Recipe.", StringComparison.Ordinal))
            .Select(static name => Compress(Read(name))).ToArray();
        Assert.Equal(5, recipes.Length);
        Assert.All(recipes, recipe => Assert.Contains(
            tests, test => Array.TrueForAll(recipe.Split("\n\n"), part => test.Contains(part.Trim(), StringComparison.Ordinal))));
    }

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(DocumentTests).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    /// <summary>Without indentation.</summary>
    private static string Compress(string text) => string.Join('\n', text.Split('\n').Select(static line => line.Trim()));
}
