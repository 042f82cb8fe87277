using System.ComponentModel.DataAnnotations;

namespace IppPrinter;

/// <summary>The section <c>Printer</c> of the settings.</summary>
internal sealed class PrinterOptions
{
    public const string SectionName = "Printer";

    /// <summary>What the printer is called, in 127 octets at most.</summary>
    [Required, MaxOctets(127)]
    public string Name { get; set; } = "Kestrel";

    /// <summary>Where it is, likewise.</summary>
    [MaxOctets(127)]
    public string Location { get; set; } = "";

    /// <summary>Where the documents are put: a folder, which is created. Relative to the application's own.</summary>
    [Required]
    public string Spool { get; set; } = "spool";

    /// <summary>Octets that a document may have, once it is decompressed.</summary>
    [Range(1, long.MaxValue)]
    public long MaxDocumentLength { get; set; } = 2L * 1024 * 1024 * 1024;

    /// <summary>How long a client may send nothing in the middle of a document, and how long a job waits for its next document.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan ClientTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long it takes to print a job.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan PrintingTime { get; set; }

    /// <summary>Whether jobs, and who sent them, are taken and shown over TLS only.</summary>
    public bool RequireTls { get; set; }
}
