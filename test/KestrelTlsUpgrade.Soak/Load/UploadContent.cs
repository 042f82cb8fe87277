using System.Net;

namespace KestrelTlsUpgrade.Soak.Load;

/// <summary>The content of an exchange, with or without a length.</summary>
internal sealed class UploadContent(Exchange exchange) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        foreach (var block in exchange.Content)
        {
            await stream.WriteAsync(block);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = exchange.Length;
        return !exchange.IsChunked;
    }
}
