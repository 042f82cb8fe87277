using System.Globalization;
using System.Text.RegularExpressions;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Interop;

/// <summary>The recipes of Marking.md, run as they are there but for port and file, against a server that serves aware clients only.</summary>
public sealed partial class MarkingRecipeTests : IDisposable
{
    private static readonly string Document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Interop", "Marking.md"));

    private readonly CertificateFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("Python", "python3", "recipe.py")]
    [InlineData("Node", "node", "recipe.js")]
    [InlineData("Java", "java", "Upgrade.java")]
    [InlineData("Go", "go", "recipe.go")]
    public async Task Recipe_AwareOnly_ConfirmsItsRequest(string language, string program, string fileName)
    {
        Peers.Require(program);
        await using var server = await StartAsync();
        var file = _files.Write(fileName, Prepare(FindRecipe(language), server.Port));
        string[] arguments = program is "go" ? ["run", file] : [file];
        var (exitCode, output) = await Peers.RunAsync("", program, arguments);

        Assert.True(exitCode == 0, output);
        Assert.Contains("101 Switching Protocols", output);
        AssertConfirmed(server, output);
    }

    [Fact]
    public async Task Recipe_OfOpenSsl_ConfirmsTheRequestOfTheProgramBeforeIt()
    {
        await using var server = await StartAsync();
        var request = $"GET / HTTP/1.1\r\nHost: localhost:{server.Port}\r\nUpgrade: TLS/1.2, http/1.1-upgraded\r\nConnection: Upgrade\r\n\r\n";
        await using var relay = new UpgradingRelay(server.EndPoint, request, later: false);
        var recipe = Prepare(FindRecipe("OpenSSL"), server.Port).Replace("localhost:8081", $"127.0.0.1:{relay.Port}", StringComparison.Ordinal);
        var (_, output) = await Peers.RunAsync("Q\n", "bash", "-c", recipe);

        Assert.Contains("Verification: OK", output);
        Assert.Contains(MarkOf(server.Port), output);
    }

    [Fact]
    public async Task Recipe_ForARequestThatIsSwapped_IsRefused()
    {
        await using var server = await StartAsync();
        await using var relay = new EditingRelay(server.EndPoint, static request => request.Replace("GET / ", "GET /evil ", StringComparison.Ordinal));
        var file = _files.Write("recipe.py", Prepare(FindRecipe("Python"), relay.Port));
        var (exitCode, output) = await Peers.RunAsync("", "python3", file);

        Assert.NotEqual(0, exitCode);
        Assert.Contains("ssl.SSLError", output);
        Assert.DoesNotContain("/evil", output);
        await server.Log.WaitForAsync(static line => line.Id.Name is "MarkRefused");
    }

    /// <summary>The vectors are those that the product's code is held to, and those of the independent implementation.</summary>
    [Fact]
    public void Vectors_OfTheDocument_AreTheMarksOfTheirRequests()
    {
        var vectors = Vector().Matches(Document);
        Assert.Equal(2, vectors.Count);
        foreach (Match vector in vectors)
        {
            var request = vector.Groups[1].Value.TrimEnd('\n').Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n\r\n";
            Assert.Equal(vector.Groups[2].Value, BoundMark.Of(request).ToString());
            Assert.Equal(vector.Groups[2].Value, Internal.Negotiation.RequestMark.Of(System.Text.Encoding.Latin1.GetBytes(request)));
        }
    }

    private static void AssertConfirmed(UpgradeServer server, string output)
    {
        Assert.Contains(MarkOf(server.Port), output);
        Assert.Contains("GET / scheme=https state=Upgraded", output);
        Assert.Contains("replayed=True aware=True", output);
    }

    private static string MarkOf(int port) => BoundMark.Of($"GET / HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n").ToString();

    private static Task<UpgradeServer> StartAsync() => UpgradeServer.StartAsync(options => options.AcceptedClients = TlsUpgradeClientMode.AwareOnly);

    private static string FindRecipe(string language)
    {
        var start = Document.IndexOf($"### {language}\n", StringComparison.Ordinal);
        var code = Document.IndexOf("\n```", start, StringComparison.Ordinal);
        code = Document.IndexOf('\n', code + 1) + 1;
        return Document[code..Document.IndexOf("\n```", code, StringComparison.Ordinal)];
    }

    private string Prepare(string recipe, int port) => recipe
        .Replace("8080", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("server.crt", _files.WritePem("server.crt", TestCertificates.Server), StringComparison.Ordinal);

    [GeneratedRegex(@"```\n([A-Z]+ [^`]*?)\ncanonical form: .*\nmark: (\S+)\n```")]
    private static partial Regex Vector();
}
