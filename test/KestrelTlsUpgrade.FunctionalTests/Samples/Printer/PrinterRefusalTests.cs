using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Text;
using IppPrinter.Ipp;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Samples.Printer;

/// <summary>Whatever a client sends, it gets an IPP status, and what cannot be printed leaves no job and no file.</summary>
public sealed class PrinterRefusalTests(SharedPrinter shared) : IClassFixture<SharedPrinter>
{
    private const byte Integer = (byte)IppTag.Integer;
    private const byte Collection = (byte)IppTag.Collection;

    private static readonly byte[] Begun = [2, 0, 0, 2, 0, 0, 0, 9, 1];

    private readonly PrinterProcess _printer = shared.Printer;

    public static TheoryData<string, string> Octets { get; } = new()
    {
        { "a name that is longer than the request", Hex([.. Begun, Integer, 0x7F, 0xFF, 1, 2, 3]) },
        { "a value that is longer than the request", Hex([.. Begun, Integer, 0, 1, (byte)'a', 0x7F, 0xFF, 1]) },
        { "a negative length", Hex([.. Begun, Integer, 0xFF, 0xFF, 1]) },
        { "nothing but the header", Hex(Begun.AsSpan(0, 8)) },
        { "no end of the attributes", Hex(Begun) },
        { "a value without an attribute", Hex([.. Begun, Integer, 0, 0, 0, 4, 0, 0, 0, 1, 3]) },
        { "an integer with three octets", Hex([.. Begun, Integer, 0, 1, (byte)'a', 0, 3, 0, 0, 1, 3]) },
        { "an attribute outside of a group", Hex([.. Begun.AsSpan(0, 8), Integer, 0, 1, (byte)'a', 0, 4, 0, 0, 0, 1, 3]) },
        { "a collection without an end", Hex([.. Begun, Collection, 0, 1, (byte)'a', 0, 0, 3]) },
        { "collections in collections", Hex([.. Begun, Collection, 0, 1, (byte)'a', 0, 0, .. Nested(1000)]) },
        { "a text that is no UTF-8", Hex([.. Begun, (byte)IppTag.Text, 0, 1, (byte)'a', 0, 1, 0xFF, 3]) },
    };

    [Theory]
    [MemberData(nameof(Octets))]
    public async Task HostileOctets_AreABadRequest(string what, string octets)
    {
        using var client = new PrinterClient(_printer.EndPoint);
        var answer = await client.SendAsync(new ByteArrayContent(Convert.FromHexString(octets)));
        Assert.True(answer.Status is IppStatus.BadRequest, $"{what}: {answer.Status}");
        Assert.Equal((IppMessage.Version20, 9), (answer.Version, answer.RequestId));
        await VerifyNothingIsLeftAsync();
    }

    [Fact]
    public async Task AttributesWithoutAnEnd_AreTooLarge()
    {
        using var client = new PrinterClient(_printer.EndPoint);
        var request = client.Create(IppOperation.ValidateJob);
        request.Groups[0].Add("many", [.. Enumerable.Repeat(IppValue.Text(new string('x', 1000)), 200)]);
        Assert.Equal(IppStatus.RequestEntityTooLarge, (await client.SendAsync(request)).Status);
    }

    [Theory]
    [InlineData("/ipp/print", "text/plain", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("/ipp/fax", "application/ipp", HttpStatusCode.NotFound)]
    public async Task OtherRequest_IsRefusedByHttp(string path, string mediaType, HttpStatusCode expected)
    {
        using var client = new PrinterClient(_printer.EndPoint);
        Assert.Equal(expected, await client.PostAsync(path, mediaType));
    }

    [Theory]
    [InlineData("application/pdf", "none", "An essay.", nameof(IppStatus.DocumentFormatError))]
    [InlineData("image/jpeg", "none", PrinterClient.Pdf, nameof(IppStatus.DocumentFormatError))]
    [InlineData(null, "none", "An essay.", nameof(IppStatus.DocumentFormatNotSupported))]
    [InlineData("text/plain", "none", "An essay.", nameof(IppStatus.DocumentFormatNotSupported))]
    [InlineData("application/pdf", "none", "", nameof(IppStatus.BadRequest))]
    [InlineData("application/pdf", "compress", PrinterClient.Pdf, nameof(IppStatus.CompressionNotSupported))]
    [InlineData("application/pdf", "gzip", PrinterClient.Pdf, nameof(IppStatus.CompressionError))]
    [InlineData("application/pdf", "deflate", "\u00ff\u00ff\u00ff", nameof(IppStatus.CompressionError))]
    public async Task Document_ThatIsNotWhatItSays_IsRefused(string? format, string compression, string document, string expected)
    {
        using var client = new PrinterClient(_printer.EndPoint);
        var request = client.Create(IppOperation.PrintJob);
        request.Groups[0].Add("compression", IppValue.Keyword(compression));
        if (format is not null)
        {
            request.Groups[0].Add("document-format", IppValue.MimeMediaType(format));
        }

        Assert.Equal(expected, (await client.SendAsync(request, document)).Status.ToString());
        await VerifyNothingIsLeftAsync();
    }

    /// <summary>A cut that only the compression can show: the HTTP message is whole.</summary>
    [Theory]
    [InlineData("gzip", 8)]
    [InlineData("gzip", 400)]
    [InlineData("deflate", 400)]
    public async Task CompressedDocument_ThatIsCut_IsRefused(string compression, int missing)
    {
        using var client = new PrinterClient(_printer.EndPoint);
        var request = client.Create(IppOperation.PrintJob);
        request.Groups[0].Add("compression", IppValue.Keyword(compression));
        var noise = new byte[2000];
        new Random(1).NextBytes(noise);
        using var compressed = new MemoryStream();
        using (Stream stream = compression == "gzip" ? new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true) : new DeflateStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            stream.Write(Encoding.Latin1.GetBytes(PrinterClient.Pdf));
            stream.Write(noise);
        }

        var answer = await client.SendAsync(new ByteArrayContent([.. PrinterClient.Encode(request), .. compressed.ToArray()[..^missing]]));
        Assert.Equal(IppStatus.CompressionError, answer.Status);
        await VerifyNothingIsLeftAsync();
    }

    /// <summary>The limit holds for what a document is on disk, however small it was made for its way.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Document_ThatIsTooLong_IsRefused(bool isCompressed)
    {
        using var client = new PrinterClient(_printer.EndPoint);
        var request = client.Create(IppOperation.PrintJob);
        var document = Encoding.Latin1.GetBytes(PrinterClient.Pdf + new string(' ', SharedPrinter.MaxDocumentLength));
        if (isCompressed)
        {
            request.Groups[0].Add("compression", IppValue.Keyword("gzip"));
            using var compressed = new MemoryStream();
            using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
            {
                gzip.Write(document);
            }

            document = compressed.ToArray();
            Assert.True(document.Length < 1000);
        }

        var answer = await client.SendAsync(new ByteArrayContent([.. PrinterClient.Encode(request), .. document]));
        Assert.Equal(IppStatus.RequestEntityTooLarge, answer.Status);
        await VerifyNothingIsLeftAsync();
    }

    [Fact]
    public async Task Client_ThatSendsNothingMore_TimesOut()
    {
        await using var connection = await RawConnection.OpenAsync(_printer.EndPoint);
        await connection.SendAsync(Begin(_printer));
        var response = await connection.ReadResponseAsync();
        Assert.Equal(200, response.Status);
        Assert.Equal((short)IppStatus.Timeout, BinaryPrimitives.ReadInt16BigEndian(Encoding.Latin1.GetBytes(response.Content).AsSpan(2)));
        await VerifyNothingIsLeftAsync();
    }

    /// <summary>Kestrel's own limit holds until the attributes are there.</summary>
    [Fact]
    public async Task Client_ThatIsSilentWithinTheAttributes_IsLetGo()
    {
        await using var connection = await RawConnection.OpenAsync(_printer.EndPoint);
        await connection.SendAsync(
            $"POST /ipp/print HTTP/1.1\r\nHost: {_printer.EndPoint}\r\nContent-Type: application/ipp\r\nContent-Length: 1000\r\n\r\n\u0002");
        Assert.DoesNotContain("200 OK", await connection.ReadToEndAsync());
        await VerifyNothingIsLeftAsync();
    }

    [Fact]
    public async Task Job_CanceledWhileItArrives_IsNotReceivedToItsEnd()
    {
        await using var printer = await PrinterProcess.StartAsync();
        using var client = new PrinterClient(printer.EndPoint);
        await using var connection = await RawConnection.OpenAsync(printer.EndPoint);
        await connection.SendAsync(Begin(printer));
        await Settling.UntilAsync(() => printer.Files.Count == 1, () => "no document is on its way");
        var cancel = client.Create(IppOperation.CancelJob);
        cancel.Groups[0].Add("job-id", IppValue.Integer(1));
        Assert.Equal(IppStatus.Ok, (await client.SendAsync(cancel)).Status);

        await connection.SendAsync("more");
        var response = await connection.ReadResponseAsync();
        Assert.Equal((short)IppStatus.JobCanceled, BinaryPrimitives.ReadInt16BigEndian(Encoding.Latin1.GetBytes(response.Content).AsSpan(2)));
        Assert.Empty(printer.Files);
        Assert.Equal([(1, 7)], await client.GetJobsAsync());
    }

    [Fact]
    public async Task Host_ThatIsTooLongForAUri_IsABadRequest()
    {
        using var client = new PrinterClient(_printer.EndPoint);
        var body = Encoding.Latin1.GetString(PrinterClient.Encode(client.Create(IppOperation.GetPrinterAttributes)));
        await using var connection = await RawConnection.OpenAsync(_printer.EndPoint);
        await connection.SendAsync(
            $"POST /ipp/print HTTP/1.1\r\nHost: {new string('h', 1000)}\r\nContent-Type: application/ipp\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        var response = await connection.ReadResponseAsync();
        Assert.Equal((short)IppStatus.BadRequest, BinaryPrimitives.ReadInt16BigEndian(Encoding.Latin1.GetBytes(response.Content).AsSpan(2)));
    }

    /// <summary>Its connection has ended: nobody waits for a timeout.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Client_ThatVanishes_LeavesNothing(bool isReset)
    {
        await using var printer = await PrinterProcess.StartAsync("ClientTimeout=1.00:00:00");
        var connection = await RawConnection.OpenAsync(printer.EndPoint);
        await connection.SendAsync(Begin(printer));
        await Settling.UntilAsync(() => printer.Files.Count == 1, () => "no document is on its way");
        if (isReset)
        {
            connection.Reset();
        }
        else
        {
            await connection.DisposeAsync();
        }

        await Settling.UntilAsync(() => printer.Files.Count == 0, () => string.Join(", ", printer.Files));
        await VerifyNothingIsLeftAsync(printer);
    }

    /// <summary>A job that waits for documents is given up with its client.</summary>
    [Fact]
    public async Task Job_ThatGetsNoDocument_IsAborted()
    {
        using var client = new PrinterClient(_printer.EndPoint);
        var created = await client.SendAsync(client.Create(IppOperation.CreateJob));
        var id = created[IppTag.JobAttributes]!["job-id"]!.Number!.Value;
        IReadOnlyList<(int Id, int State)> jobs = [];
        await Settling.UntilAsync(
            () => (jobs = client.GetJobsAsync().GetAwaiter().GetResult()).Contains((id, 8)),
            () => string.Join(", ", jobs));
    }

    /// <summary>A document of which only the beginning is sent, at once.</summary>
    private static byte[] Begin(PrinterProcess printer)
    {
        using var client = new PrinterClient(printer.EndPoint);
        byte[] body = [.. PrinterClient.Encode(client.Create(IppOperation.PrintJob)), .. Encoding.Latin1.GetBytes(PrinterClient.Pdf)];
        return
        [
            .. Encoding.Latin1.GetBytes(
                $"POST /ipp/print HTTP/1.1\r\nHost: {printer.EndPoint}\r\nContent-Type: application/ipp\r\nContent-Length: {body.Length + 1000}\r\n\r\n"),
            .. body,
        ];
    }

    private static IEnumerable<byte> Nested(int depth) =>
        Enumerable.Repeat<byte[]>([(byte)IppTag.MemberName, 0, 0, 0, 1, (byte)'m', Collection, 0, 0, 0, 0], depth).SelectMany(static octets => octets);

    private static string Hex(ReadOnlySpan<byte> octets) => Convert.ToHexString(octets);

    private Task VerifyNothingIsLeftAsync() => VerifyNothingIsLeftAsync(_printer);

    /// <summary>The answer, or the reset, may be there before the job is gone.</summary>
    private static async Task VerifyNothingIsLeftAsync(PrinterProcess printer)
    {
        using var client = new PrinterClient(printer.EndPoint);
        IReadOnlyList<(int Id, int State)> jobs = [];
        await Settling.UntilAsync(
            () => (jobs = client.GetJobsAsync().GetAwaiter().GetResult()).All(static job => job.State is not 4),
            () => string.Join(", ", jobs));
        Assert.DoesNotContain(jobs, static job => job.State is not 8);
        Assert.Empty(printer.Files);
    }
}
