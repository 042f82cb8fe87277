using System.Text.RegularExpressions;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Samples;

/// <summary>The commands of the JSON API's README, run as they stand there but for its addresses.</summary>
public sealed partial class JsonApiReadmeTests
{
    private static readonly string Sample = Path.Combine(AppContext.BaseDirectory, "Samples", "JsonApi");

    /// <summary>What the README says of each command, or what can be told from it.</summary>
    private static readonly string[] Office =
    [
        "204 No Content",
        "\"tonerPercent\":80",
        "0",
        "",
        "426 Upgrade Required",
        "HTTP/2 201",
        "-> 101 Switching Protocols|OPTIONS * -> 200 OK|POST /printers/lobby/jobs?owner=mary letter.txt -> 201 Created|GET /jobs/waiting -> 200 OK 2",
        "scheduler is running",
    ];

    private static readonly string[] NewCertificate = ["", "sha256 Fingerprint="];

    private static readonly string[] Administration =
    [
        "HTTP/2 403",
        "HTTP/2 200",
        "GET /administration/jobs -> 403 Forbidden|\"detail\":\"This request was received in clear text, so it does not carry the client "
            + "certificate. Send it again on this connection.\"|GET /administration/jobs -> 200 OK []",
        "OPTIONS * -> 200 OK|GET /administration/jobs -> 200 OK []",
        "200",
    ];

    [Fact]
    public async Task Commands_AnswerAsItSays()
    {
        foreach (var program in new[] { "bash", "curl", "lpstat", "openssl", "python3" })
        {
            Peers.Require(program);
        }

        using var files = new CertificateFiles();
        var commands = Commands().ToArray();
        Assert.Equal(Office.Length + NewCertificate.Length + Administration.Length, commands.Length);

        var fingerprint = "";
        await using (var api = await JsonApi.StartAsync())
        {
            foreach (var (command, expected) in commands.Zip([.. Office, .. NewCertificate]))
            {
                fingerprint = await RunAsync(command, expected, api, files);
            }
        }

        await using var administered = await JsonApi.StartAsync(fingerprint.Trim().Split('=')[1]);
        foreach (var (command, expected) in commands.Skip(Office.Length + NewCertificate.Length).Zip(Administration))
        {
            await RunAsync(command, expected, administered, files);
        }
    }

    private static async Task<string> RunAsync(string command, string expected, JsonApi api, CertificateFiles files)
    {
        var here = command
            .Replace("localhost:8081", api.Office.ToString(), StringComparison.Ordinal)
            .Replace("localhost:8082", api.Administration.ToString(), StringComparison.Ordinal)
            .Replace("samples/JsonApi", Sample, StringComparison.Ordinal);
        var (exitCode, output) = await Peers.RunAsync("", "bash", "-c", $"cd '{files.GetPath("")}' && {here}");
        Assert.True(exitCode == 0, $"{command}\n{output}");
        foreach (var part in expected.Split('|'))
        {
            Assert.Contains(part, output);
        }

        return output;
    }

    /// <summary>All but those that start the service.</summary>
    private static IEnumerable<string> Commands() =>
        Block().Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "SampleReadmes", "JsonApi", "README.md")))
            .SelectMany(match => match.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .Where(line => Command().IsMatch(line));

    [GeneratedRegex("^```\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("^(curl|echo|python3|lpstat|openssl) ")]
    private static partial Regex Command();
}
