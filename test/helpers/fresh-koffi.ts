/**
 * Runs before each test file that loads the binding. koffi keeps the names of C types in the process, while
 * jest reloads modules for each file: the second file of a process would fail with "Duplicate type name".
 */
import koffi from 'koffi';

koffi.reset();
