using System.Buffers.Binary;
using System.Globalization;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;

namespace KestrelTlsUpgrade.FunctionalTests.Interop;

/// <summary>The clients of CUPS, which upgrade with OPTIONS * before they send (RFC 2817 section 3.2).</summary>
public sealed class CupsClientTests
{
    [Fact]
    public async Task IppTool_Encrypted_GetsItsAnswerOverTls()
    {
        await using var server = await StartPrinterAsync(isRequired: false);
        var (exitCode, output) = await IppTool.RunAsync(server.Port, "-E");
        Assert.True(exitCode == 0, output);
        Assert.Contains("state: Upgraded https Tls13", output);
    }

    [Fact]
    public async Task IppTool_NotEncrypted_GetsItsAnswerInClearText()
    {
        await using var server = await StartPrinterAsync(isRequired: false);
        var (exitCode, output) = await IppTool.RunAsync(server.Port);
        Assert.True(exitCode == 0, output);
        Assert.Contains("state: Plaintext http", output);
    }

    [Fact]
    public async Task IppTool_UpgradeRequired_UpgradesByItself()
    {
        await using var server = await StartPrinterAsync(isRequired: true);
        var (exitCode, output) = await IppTool.RunAsync(server.Port);
        Assert.True(exitCode == 0, output);
        Assert.Contains("state: Upgraded https Tls13", output);
    }

    [Fact]
    public async Task LpStat_Encrypted_FindsTheSchedulerRunning()
    {
        await using var server = await StartPrinterAsync(isRequired: false);
        var (exitCode, output) = await Peers.RunAsync("", "lpstat", "-E", "-h", $"localhost:{server.Port}", "-r");
        Assert.True(exitCode == 0, output);
        Assert.Contains("scheduler is running", output);
        Assert.Contains(server.Log.Lines, line => line.Id.Name == "Upgraded");
    }

    /// <summary>A printer that only knows its own name, which tells how it was asked.</summary>
    private static Task<UpgradeServer> StartPrinterAsync(bool isRequired) => UpgradeServer.StartAsync(app: app =>
    {
        var printer = app.MapPost("/ipp/print", async context =>
        {
            using var request = new MemoryStream();
            await context.Request.Body.CopyToAsync(request);
            var upgrade = context.Features.Get<ITlsUpgradeFeature>();
            var tls = context.Features.Get<Microsoft.AspNetCore.Connections.Features.ITlsHandshakeFeature>();
            var info = string.Create(CultureInfo.InvariantCulture, $"state: {upgrade?.State} {context.Request.Scheme} {tls?.Protocol}");
            context.Response.ContentType = "application/ipp";
            await context.Response.Body.WriteAsync(CreateAnswer(request.ToArray(), info));
        });
        if (isRequired)
        {
            printer.RequireTlsUpgrade();
        }
    });

    /// <summary>RFC 8010 section 3.1: version, status, request id, and groups of attributes.</summary>
    private static byte[] CreateAnswer(byte[] request, string info)
    {
        List<byte> answer = [.. request[..2], 0, 0, .. request[4..8], 0x01];
        Add(0x47, "attributes-charset", "utf-8");
        Add(0x48, "attributes-natural-language", "en");
        answer.Add(0x04);
        Add(0x41, "printer-info", info);
        answer.Add(0x03);
        return [.. answer];

        void Add(byte tag, string name, string value)
        {
            answer.Add(tag);
            AddText(name);
            AddText(value);
        }

        void AddText(string text)
        {
            var length = new byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)text.Length);
            answer.AddRange(length);
            answer.AddRange(text.Select(character => (byte)character));
        }
    }
}
