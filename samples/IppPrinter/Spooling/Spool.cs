using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using IppPrinter.Ipp;
using Microsoft.Extensions.Options;

namespace IppPrinter.Spooling;

/// <summary>
/// The folder that documents are put into. A document appears there under its name when all of it is on disk. Whatever goes wrong before
/// leaves nothing.
/// </summary>
internal sealed class Spool
{
    private const string Incoming = ".incoming-";
    private const int BufferLength = 64 * 1024;

    private readonly string _folder;
    private readonly PrinterOptions _options;
    private readonly TimeProvider _timeProvider;

    public Spool(IOptions<PrinterOptions> options, IHostEnvironment environment, TimeProvider timeProvider)
    {
        _options = options.Value;
        _timeProvider = timeProvider;
        _folder = Path.GetFullPath(_options.Spool, environment.ContentRootPath);
        Directory.CreateDirectory(_folder);
        foreach (var leftover in Directory.EnumerateFiles(_folder, Incoming + "*"))
        {
            // The printer was stopped before it was whole.
            File.Delete(leftover);
        }
    }

    /// <summary>The highest number of a job that has a document here.</summary>
    public int LastJob => Directory.EnumerateFiles(_folder)
        .Select(static file => Path.GetFileName(file).Split('-')[0])
        .Select(static number => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var job) ? job : 0)
        .DefaultIfEmpty()
        .Max();

    /// <summary>Writes a document as it arrives.</summary>
    /// <param name="job">The number of its job.</param>
    /// <param name="number">Its own number in the job.</param>
    /// <param name="content">What the client sends.</param>
    /// <param name="format">What it says that it is.</param>
    /// <param name="compression">How it is compressed (RFC 8011 section 5.4.32).</param>
    /// <param name="mayBeMissing">Whether there need not be any.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    /// <returns>The document, or <see langword="null"/> if there is none.</returns>
    /// <exception cref="IppException">The document cannot be taken.</exception>
    public async Task<SpooledDocument?> WriteAsync(
        int job, int number, Stream content, DocumentFormat? format, string compression, bool mayBeMissing, CancellationToken cancellationToken)
    {
        var path = Path.Combine(_folder, Incoming + Guid.NewGuid().ToString("N"));
        try
        {
            var (detected, length) = await CopyAsync(content, path, format, compression, mayBeMissing, cancellationToken);
            if (detected is null)
            {
                return null;
            }

            var name = string.Create(CultureInfo.InvariantCulture, $"{job:D5}-{number}{detected.Extension}");
            await WriteAsync(() =>
            {
                File.Move(path, Path.Combine(_folder, name));
                return ValueTask.CompletedTask;
            });
            return new(name, length, detected.MediaType);
        }
        catch
        {
            Delete(path);
            throw;
        }
    }

    /// <summary>Removes what a job has put here.</summary>
    public void Delete(IEnumerable<SpooledDocument> documents)
    {
        foreach (var document in documents)
        {
            Delete(Path.Combine(_folder, document.FileName));
        }
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // It is gone with the folder.
        }
    }

    private static Stream Decompress(Stream content, string compression) => compression switch
    {
        "gzip" => new GZipStream(content, CompressionMode.Decompress, leaveOpen: true),
        "deflate" => new DeflateStream(content, CompressionMode.Decompress, leaveOpen: true),
        _ => content,
    };

    /// <summary>A disk that is full, or gone, is for the client a reason to try again (RFC 8011 appendix B.1.5.6).</summary>
    private static async ValueTask WriteAsync(Func<ValueTask> write)
    {
        try
        {
            await write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IppException(IppStatus.TemporaryError, $"The document cannot be stored: {exception.Message}");
        }
    }

    private async Task<(DocumentFormat? Format, long Length)> CopyAsync(
        Stream content, string path, DocumentFormat? format, string compression, bool mayBeMissing, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(_options.ClientTimeout, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        FileStream? file = null;
        try
        {
            await using var plain = Decompress(content, compression);
            var count = await ReadAsync(DocumentFormat.LongestBeginning);
            if (count == 0 && mayBeMissing)
            {
                return (null, 0);
            }

            var detected = DocumentFormat.Detect(buffer.AsSpan(0, count));
            if (detected is null || (format is not null && format != detected))
            {
                throw count == 0
                    ? new IppException(IppStatus.BadRequest, "There is no document.")
                    : new IppException(
                        format is null ? IppStatus.DocumentFormatNotSupported : IppStatus.DocumentFormatError,
                        $"The document does not begin as one of type {format?.MediaType ?? "that can be printed"}.");
            }

            await WriteAsync(() =>
            {
                file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true);
                return ValueTask.CompletedTask;
            });
            long length = 0;
            while (count > 0)
            {
                length += count;
                if (length > _options.MaxDocumentLength)
                {
                    throw new IppException(
                        IppStatus.RequestEntityTooLarge, $"The document has more than {_options.MaxDocumentLength} octets (MaxDocumentLength).");
                }

                await WriteAsync(() => file!.WriteAsync(buffer.AsMemory(0, count), cancellationToken));
                count = await ReadAsync(1);
            }

            await WriteAsync(() =>
            {
                file!.Flush(flushToDisk: true);
                return ValueTask.CompletedTask;
            });
            return (detected, length);

            async ValueTask<int> ReadAsync(int minimum)
            {
                patience.CancelAfter(_options.ClientTimeout);
                try
                {
                    return await plain.ReadAtLeastAsync(buffer, minimum, throwOnEndOfStream: false, either.Token);
                }
                catch (InvalidDataException)
                {
                    throw new IppException(IppStatus.CompressionError, $"The document is not compressed with {compression}.");
                }
                catch (OperationCanceledException) when (patience.IsCancellationRequested)
                {
                    throw new IppException(IppStatus.Timeout, $"The client sent nothing for {_options.ClientTimeout} (ClientTimeout).");
                }
            }
        }
        finally
        {
            if (file is not null)
            {
                await file.DisposeAsync();
            }

            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
