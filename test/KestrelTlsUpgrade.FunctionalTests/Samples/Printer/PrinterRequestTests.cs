using IppPrinter.Ipp;

namespace KestrelTlsUpgrade.FunctionalTests.Samples.Printer;

/// <summary>What a request says of itself, and of its job (RFC 8011 section 4.1).</summary>
public sealed class PrinterRequestTests(SharedPrinter shared) : IClassFixture<SharedPrinter>
{
    [Fact]
    public async Task Template_ThatCannotBeMet_IsNamed()
    {
        using var client = new PrinterClient(shared.Printer.EndPoint);
        foreach (var wantsFidelity in new[] { false, true })
        {
            var request = client.Create(IppOperation.ValidateJob);
            request.Groups[0].Add("ipp-attribute-fidelity", IppValue.Boolean(wantsFidelity));
            request.Groups.Add(new IppGroup(IppTag.JobAttributes)
                .Add("copies", IppValue.Integer(100)).Add("sides", IppValue.Keyword("one-sided")).Add("job-scent", IppValue.Keyword("roses")));
            var answer = await client.SendAsync(request);
            Assert.Equal(wantsFidelity ? IppStatus.AttributesOrValuesNotSupported : IppStatus.OkIgnoredOrSubstitutedAttributes, answer.Status);
            var unsupported = answer[IppTag.UnsupportedAttributes]!;
            Assert.Equal(["copies", "job-scent"], unsupported.Attributes.Select(static attribute => attribute.Name));
            Assert.Equal((100, IppTag.Unsupported), (unsupported["copies"]!.Number, unsupported["job-scent"]!.Values[0].Tag));
        }
    }

    [Theory]
    [InlineData((short)0x0300, (short)IppOperation.GetPrinterAttributes, 1, "utf-8", nameof(IppStatus.VersionNotSupported))]
    [InlineData(IppMessage.Version20, (short)0x4002, 1, "utf-8", nameof(IppStatus.OperationNotSupported))]
    [InlineData(IppMessage.Version20, (short)IppOperation.GetPrinterAttributes, 0, "utf-8", nameof(IppStatus.BadRequest))]
    [InlineData(IppMessage.Version20, (short)IppOperation.GetPrinterAttributes, 1, "utf-16", nameof(IppStatus.CharsetNotSupported))]
    [InlineData(IppMessage.Version11, (short)IppOperation.GetPrinterAttributes, 1, "us-ascii", nameof(IppStatus.Ok))]
    public async Task Request_IsCheckedInOrder(short version, short operation, int requestId, string charset, string expected)
    {
        using var client = new PrinterClient(shared.Printer.EndPoint);
        var request = new IppMessage(version, operation, requestId);
        request.Groups.Add(new IppGroup(IppTag.OperationAttributes)
            .Add("attributes-charset", IppValue.Charset(charset))
            .Add("attributes-natural-language", IppValue.NaturalLanguage("en"))
            .Add("printer-uri", IppValue.Uri(client.Uri)));
        var answer = await client.SendAsync(request);
        Assert.Equal((expected, requestId), (answer.Status.ToString(), answer.RequestId));
        Assert.Equal(version == 0x0300 ? IppMessage.Version20 : version, answer.Version);
    }

    /// <summary>What is not supported is not kept either.</summary>
    [Fact]
    public async Task Template_OfAJob_HasWhatIsSupported()
    {
        using var client = new PrinterClient(shared.Printer.EndPoint);
        var request = client.Create(IppOperation.CreateJob);
        request.Groups.Add(new IppGroup(IppTag.JobAttributes)
            .Add("copies", IppValue.Integer(100)).Add("sides", IppValue.Keyword("one-sided")).Add("job-scent", IppValue.Keyword("roses")));
        var created = await client.SendAsync(request);
        Assert.Equal(IppStatus.OkIgnoredOrSubstitutedAttributes, created.Status);
        var ask = client.Create(IppOperation.GetJobAttributes);
        ask.Groups[0].Add("job-id", created[IppTag.JobAttributes]!["job-id"]!.Values).Add("requested-attributes", IppValue.Keyword("job-template"));
        var job = (await client.SendAsync(ask))[IppTag.JobAttributes]!;
        Assert.Equal(["sides"], job.Attributes.Select(static attribute => attribute.Name));
    }
}
