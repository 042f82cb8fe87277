using System.Buffers;
using System.Net;
using IppPrinter.Ipp;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Samples.Printer;

/// <summary>A client that sends what a test says, right or wrong.</summary>
internal sealed class PrinterClient(IPEndPoint endPoint, bool isSecure = false) : IDisposable
{
    public const string Pdf = "%PDF-1.4\nA page.\n";

    private static readonly byte[] Header = [2, 0];

    private readonly string _scheme = isSecure ? "https" : "http";

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
    })
    {
        Timeout = RawConnection.Patience,
    };

    public string Uri => $"{(isSecure ? "ipps" : "ipp")}://{endPoint}/ipp/print";

    /// <summary>A request with what all have.</summary>
    public IppMessage Create(IppOperation operation, string user = "mary")
    {
        var request = new IppMessage(IppMessage.Version20, (short)operation, 17);
        request.Groups.Add(new IppGroup(IppTag.OperationAttributes)
            .Add("attributes-charset", IppValue.Charset("utf-8"))
            .Add("attributes-natural-language", IppValue.NaturalLanguage("en"))
            .Add("printer-uri", IppValue.Uri(Uri))
            .Add("requesting-user-name", IppValue.Name(user)));
        return request;
    }

    public static byte[] Encode(IppMessage request)
    {
        var output = new ArrayBufferWriter<byte>();
        IppWriter.Write(request, output);
        return output.WrittenSpan.ToArray();
    }

    public Task<IppMessage> SendAsync(IppMessage request, string document = "") =>
        SendAsync(new ByteArrayContent([.. Encode(request), .. System.Text.Encoding.Latin1.GetBytes(document)]));

    /// <summary>Sends any content as IPP, and reads the answer, which is always one.</summary>
    public async Task<IppMessage> SendAsync(HttpContent content)
    {
        content.Headers.ContentType = new("application/ipp");
        using var response = await _client.PostAsync($"{_scheme}://{endPoint}/ipp/print", content);
        Assert.Equal((HttpStatusCode.OK, "application/ipp"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        return Decode(await response.Content.ReadAsByteArrayAsync());
    }

    public async Task<HttpStatusCode> PostAsync(string path, string mediaType)
    {
        using var content = new ByteArrayContent(Header);
        content.Headers.ContentType = new(mediaType);
        using var response = await _client.PostAsync($"{_scheme}://{endPoint}{path}", content);
        return response.StatusCode;
    }

    /// <summary>All jobs, with their states.</summary>
    public async Task<IReadOnlyList<(int Id, int State)>> GetJobsAsync()
    {
        List<(int Id, int State)> jobs = [];
        foreach (var which in new[] { "not-completed", "completed" })
        {
            var request = Create(IppOperation.GetJobs);
            request.Groups[0].Add("which-jobs", IppValue.Keyword(which)).Add("requested-attributes", IppValue.Keyword("job-id"), IppValue.Keyword("job-state"));
            var answer = await SendAsync(request);
            Assert.Equal(IppStatus.Ok, answer.Status);
            jobs.AddRange(answer.Groups.Skip(1).Select(static job => (job["job-id"]!.Number!.Value, job["job-state"]!.Number!.Value)));
        }

        return jobs;
    }

    public void Dispose() => _client.Dispose();

    public static IppMessage Decode(byte[] octets)
    {
        var parser = new IppParser();
        var buffer = new ReadOnlySequence<byte>(octets);
        Assert.True(parser.TryRead(ref buffer) && buffer.IsEmpty);
        return parser.Message!;
    }
}
